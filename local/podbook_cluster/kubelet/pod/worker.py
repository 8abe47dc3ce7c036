"""Takes one pod from its binding to the removal of its object."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from podbook_cluster.kubelet.client import Pod, name_of
from podbook_cluster.kubelet.container import records
from podbook_cluster.kubelet.container.container_life import ContainerLife
from podbook_cluster.kubelet.container.containers import Container
from podbook_cluster.kubelet.files.mounts import Mounts
from podbook_cluster.kubelet.node import Node
from podbook_cluster.kubelet.pod import admission, pod_events, pod_folder
from podbook_cluster.kubelet.pod import status as statuses
from podbook_cluster.kubelet.pod.ending import Ending
from podbook_cluster.kubelet.pod.status import Running, State, Terminated, Verdict, Waiting
from podbook_cluster.kubelet.pod.status_writer import StatusWriter
from podbook_crds.errors import ClusterUnavailable, Refused

_log = logging.getLogger(__name__)

_DEFAULT_GRACE_SECONDS: Final = 30
# A kubelet gives even those that are deleted by force one second.
_LEAST_GRACE_SECONDS: Final = 1
# By SIGTERM, and by SIGKILL.
_KILLED_CODES: Final = {143, 137}
_RETRY_SECONDS: Final = 0.2
# Containers of a pod start, and often end, together.
_STARTING_SECONDS: Final = 0.1
_GATHER_SECONDS: Final = 0.01

DEADLINE: Final = Verdict(
    "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"
)
NODE_STOPS: Final = Verdict(
    "Terminated", "Pod was terminated because the node stops.", is_disruption=True
)


class PodWorker:
    """The life of one pod on this node."""

    def __init__(self, pod: Pod, node: Node) -> None:
        self._pod = pod
        self._node = node
        self._folder = pod_folder.of_pod(node.settings.data_dir, pod["metadata"]["uid"])
        self._status: dict[str, Any] = dict(pod.get("status") or {})
        self._began_at: str = self._status.get("startTime") or records.timestamp()
        self._states: dict[str, State] = {
            container["name"]: Waiting() for container in pod["spec"]["containers"]
        } | statuses.known_states(self._status)
        self._verdict: Verdict | None = None
        self._lives: list[ContainerLife] = []
        self._ending = Ending(self._running)
        self._writer = StatusWriter(node.client, pod)
        self._exists = True
        self._leaves = False
        self._is_interrupted = False
        # By the stop of an earlier kubelet, which was killed before it could tell.
        self._was_interrupted = False
        self._begun = asyncio.Event()
        # A pod that has ended stays until someone deletes its object.
        self._departs = asyncio.Event()
        self.update(pod)

    def update(self, pod: Pod) -> None:
        """Take note of the pod as it is now."""
        self._pod = pod
        if pod["metadata"].get("deletionTimestamp"):
            self._ending.ask(_grace_seconds(pod))
            self._departs.set()

    def vanish(self) -> None:
        """Take note that the object is gone: nobody is left to report to."""
        self._exists = False
        self._ending.ask(_LEAST_GRACE_SECONDS)
        self._departs.set()

    def leave(self) -> None:
        """End the pod because the node stops; its object stays."""
        self._leaves = True
        self._is_interrupted = not self._ending.is_asked
        if self._is_interrupted:
            # Should this process be killed before it has told: the next one knows why they ended.
            with contextlib.suppress(OSError):
                self._folder.interrupted.touch()
        self._ending.ask(self._node.settings.stop_grace_seconds)
        self._departs.set()

    async def run(self) -> None:
        """Live, wait for the object's deletion, clear up."""
        if not statuses.is_final(self._status):
            async with _beside(self._writer.run(), self._bind(), self._watch_deadline()):
                await self._live()
        if not self._leaves and self._folder.root.exists():
            await asyncio.to_thread(self._folder.remove_root)
        await self._departs.wait()
        if not self._leaves:
            await self._depart()

    async def _live(self) -> None:
        if why := admission.refusal(self._pod, self._folder):
            # As a kubelet says it: none of the containers was even looked at.
            self._fail(Verdict("NotSupported", why))
            self._states = {}
        else:
            await self._live_containers()
        if self._exists:
            self._report()
            await self._writer.settled()

    async def _live_containers(self) -> None:
        mounts = Mounts(self._pod, self._folder, self._node)
        if self._folder.path.exists():
            mounts.resume()
        self._lives = [
            self._life(container, mounts) for container in self._pod["spec"]["containers"]
        ]
        self._was_interrupted = self._folder.interrupted.exists()
        try:
            async with _beside(self._ending.run()):
                await asyncio.gather(*(life.live(self._states[life.name]) for life in self._lives))
        finally:
            mounts.close()

    def _life(self, container: dict[str, Any], mounts: Mounts) -> ContainerLife:
        return ContainerLife(
            self._pod,
            container,
            mounts=mounts,
            ending=self._ending,
            tell=self._tell,
        )

    def _running(self) -> list[Container]:
        return [life.running for life in self._lives if life.running]

    def _tell(self, name: str, state: State) -> None:
        if self._was_interrupted and isinstance(state, Running):
            # What runs on was not ended by the stop: its end will have another cause.
            self._was_interrupted = False
            with contextlib.suppress(OSError):
                self._folder.interrupted.unlink(missing_ok=True)
        before = self._states[name]
        if before != state:
            self._states[name] = state
            at = self._node.settings.node_name
            if event := pod_events.of_container(self._pod, name, before, state, node=at):
                self._writer.tell(event)
            self._report()

    def _fail(self, verdict: Verdict) -> None:
        self._verdict = verdict
        self._writer.tell(
            pod_events.of_verdict(self._pod, verdict, node=self._node.settings.node_name)
        )

    def _report(self) -> None:
        self._begun.set()
        seen = (self._pod.get("status") or {}).get("conditions") or ()
        ours = self._status.get("conditions") or ()
        conditions = {item["type"]: item for item in (*seen, *ours)}
        self._status = statuses.pod_status(
            {**self._pod, "status": {"conditions": list(conditions.values())}},
            self._states,
            began_at=self._began_at,
            now=records.timestamp(),
            verdict=self._verdict or self._interruption(),
        )
        self._writer.offer(self._status, within_seconds=self._patience())

    def _interruption(self) -> Verdict | None:
        """A pod that the node's stop broke off failed; one not begun can begin another time."""
        states = list(self._states.values())
        was_begun = not all(isinstance(state, Waiting) for state in states)
        succeeded = statuses.phase_of(states, None) == "Succeeded"
        broken_off = (
            self._is_interrupted
            or any(life.was_abandoned for life in self._lives)
            or (self._was_interrupted and any(map(_was_killed, states)))
        )
        return NODE_STOPS if broken_off and was_begun and not succeeded else None

    def _patience(self) -> float:
        """Let what happens within milliseconds be one write, but let nobody wait for an end."""
        states = self._states.values()
        if statuses.is_final(self._status) or all(isinstance(s, Running) for s in states):
            return 0
        return _STARTING_SECONDS if Waiting() in states else _GATHER_SECONDS

    async def _bind(self) -> None:
        """Say that the pod is here, once its containers are under way: they come first."""
        await self._begun.wait()
        while not self._pod["spec"].get("nodeName"):
            try:
                await self._node.client.bind(self._pod, self._node.settings.node_name)
            except ClusterUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)
            except Refused as error:
                if error.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
                    _log.error("%s: not bound: %s", name_of(self._pod), error)
                return
            else:
                return

    async def _watch_deadline(self) -> None:
        if (seconds := self._pod["spec"].get("activeDeadlineSeconds")) is None:
            return
        began = datetime.fromisoformat(self._began_at)
        await asyncio.sleep(seconds - (datetime.now(UTC) - began).total_seconds())
        if not self._ending.is_asked:
            self._fail(DEADLINE)
            self._ending.ask(_grace_seconds(self._pod))

    async def _depart(self) -> None:
        while self._exists:
            try:
                await self._node.client.delete(self._pod)
            except ClusterUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)
            except Refused as error:
                if error.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
                    _log.error("%s: not deleted: %s", name_of(self._pod), error)
                break
            else:
                break
        await asyncio.to_thread(self._folder.remove)


def _was_killed(state: State) -> bool:
    """Tell whether it ended as what is told to end does, and not in a way of its own."""
    return isinstance(state, Terminated) and state.exit_code in _KILLED_CODES


def _grace_seconds(pod: Pod) -> float:
    """Return what the deletion says, else the pod; a value of 0 still gives a second."""
    asked = pod["metadata"].get("deletionGracePeriodSeconds")
    said = pod["spec"].get("terminationGracePeriodSeconds", _DEFAULT_GRACE_SECONDS)
    return float(max(_LEAST_GRACE_SECONDS, said if asked is None else asked))


@asynccontextmanager
async def _beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do some works beside the body, until its end; the failure of one ends all."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
