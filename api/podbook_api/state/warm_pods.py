"""Which pods that were made before a call have been given to one: the watch tells at once."""

import asyncio
from collections.abc import AsyncIterator

from podbook_api.state.cluster import Cluster
from podbook_crds import names
from podbook_kube.objects import Object
from podbook_kube.reflector import Reflector


class WarmPods:
    """Wakes who waits for a pod to be given."""

    def __init__(self, cluster: Cluster) -> None:
        self.reflector = Reflector(
            _Labelled(cluster), "pods", present=self._present, absent=self._absent
        )
        self._given: dict[str, Object] = {}
        self._waiting: dict[str, asyncio.Event] = {}

    async def given(self, name: str, *, seconds: float) -> Object | None:
        """Return the pod as soon as it was given, None where it was not within that time.

        Where the pod goes meanwhile, None is returned at once.
        """
        if name not in self._given:
            event = self._waiting.setdefault(name, asyncio.Event())
            try:
                await asyncio.wait_for(event.wait(), seconds)
            except TimeoutError:
                pass
            finally:
                if self._waiting.get(name) is event:
                    del self._waiting[name]
        return self._given.get(name)

    def stop(self) -> None:
        """Let everybody go who waits."""
        for event in self._waiting.values():
            event.set()

    def _present(self, pod: Object) -> None:
        metadata = pod["metadata"]
        if metadata["labels"].get(names.WARM_LABEL) == names.WARM_GIVEN:
            self._given[metadata["name"]] = {"metadata": metadata}
            self._wake(metadata["name"])

    def _absent(self, name: str) -> None:
        self._given.pop(name, None)
        self._wake(name)

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
