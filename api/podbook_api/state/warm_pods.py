"""The pods that were made before a call, as the watch shows them: which wait, which were given."""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

from podbook_api.state.cluster import Cluster
from podbook_crds import names
from podbook_kube.objects import Object
from podbook_kube.reflector import Reflector


class Counts(NamedTuple):
    """How many pods of a notebook can be given now, and how many are on their way there."""

    ready: int
    coming: int


class WarmPods:
    """Wakes who waits for a pod to be given, and counts those that were not."""

    def __init__(self, cluster: Cluster) -> None:
        self.reflector = Reflector(
            _Labelled(cluster), "pods", present=self._present, absent=self._absent
        )
        self._given: dict[str, Object] = {}
        self._waiting: dict[str, asyncio.Event] = {}
        self._is_stopped = False
        # By pod: the notebook's name, and whether the pod is prepared.
        self._idle: dict[str, tuple[str, bool]] = {}

    async def given(self, name: str, *, seconds: float) -> Object | None:
        """Return the pod as soon as it was given, None where it was not within that time.

        Where the pod goes meanwhile, None is returned at once.
        """
        if name not in self._given and not self._is_stopped:
            event = self._waiting.setdefault(name, asyncio.Event())
            try:
                await asyncio.wait_for(event.wait(), seconds)
            except TimeoutError:
                pass
            finally:
                if self._waiting.get(name) is event:
                    del self._waiting[name]
        return self._given.get(name)

    def counts(self, notebook: str) -> Counts:
        """Return how many wait for calls of the notebook of that name."""
        found = [ready for name, ready in self._idle.values() if name == notebook]
        return Counts(sum(found), len(found) - sum(found))

    def stop(self) -> None:
        """Let everybody go who waits, and who comes to wait from now on."""
        self._is_stopped = True
        for event in self._waiting.values():
            event.set()

    def _present(self, pod: Object) -> None:
        metadata = pod["metadata"]
        self._count(pod)
        if metadata["labels"].get(names.WARM_LABEL) == names.WARM_GIVEN:
            self._given[metadata["name"]] = {"metadata": metadata}
            self._wake(metadata["name"])

    def _absent(self, name: str) -> None:
        self._given.pop(name, None)
        self._idle.pop(name, None)
        self._wake(name)

    def _count(self, pod: Object) -> None:
        metadata = pod["metadata"]
        is_idle = metadata["labels"].get(names.WARM_LABEL) == names.WARM_IDLE
        said = {c["type"]: c["status"] for c in pod.get("status", {}).get("conditions") or []}
        prepared = said.get(names.PREPARED_CONDITION)
        # What is going, or can never be given, waits for nobody.
        if not is_idle or "deletionTimestamp" in metadata or prepared == "False":
            self._idle.pop(metadata["name"], None)
            return
        notebook = (metadata.get("annotations") or {}).get(names.NOTEBOOK_ANNOTATION, "")
        self._idle[metadata["name"]] = (notebook, prepared == "True")

    def _wake(self, name: str) -> None:
        if (event := self._waiting.get(name)) is not None:
            event.set()


class _Labelled:
    """The pods that were made before a call, of all that there are."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def pages(self, plural: str) -> AsyncIterator[tuple[list[Object], str]]:
        return self._cluster.pages(plural, label_selector=names.WARM_LABEL)

    async def version(self) -> str:
        return await self._cluster.version()

    def watch(self, plural: str, version: str) -> AsyncIterator[Object]:
        return self._cluster.watch(plural, version, label_selector=names.WARM_LABEL)
