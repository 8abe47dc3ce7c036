"""What the containers of a run's pods wrote: from the cluster, and kept of runs that failed.

A run that succeeded leaves none: its pod goes at once, and whoever keeps every log pays for it.
"""

import asyncio
import logging
from io import BytesIO
from typing import Any, Final, Literal

from podbook_api.artifacts.store import POD, Store, artifact_path
from podbook_api.events.pod_events import PodEvents
from podbook_api.http.problems import Problem
from podbook_api.state.cluster import Cluster
from podbook_crds import names
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import EXPLANATIONS, Fault
from podbook_crds.errors import PodbookError, Refused
from podbook_crds.resources.execution import Attempt, Execution

Container = Literal["kernel", "runner"]

_log = logging.getLogger(__name__)

CONTAINERS: Final[tuple[Container, ...]] = (names.KERNEL_CONTAINER, names.RUNNER_CONTAINER)
# Bytes, of the end of a log.
LIMIT: Final = 256 * 1024
# The cluster cuts a log at its end, which is what is wanted: so fewer lines are asked for.
_LINES: Final = (5000, 500, 50, 5)
_READ: Final = 2 * 1024 * 1024
# A node that does not answer keeps no other pod's logs waiting until they are gone, too.
_AT_ONCE: Final = 8
# So long a runner waits at most for its pod's logs to be kept.
_SECONDS: Final = 5.0


class PodLogs:
    """Reads the logs of containers, and keeps them."""

    def __init__(self, cluster: Cluster, store: Store, events: PodEvents) -> None:
        self._cluster = cluster
        self._store = store
        self._events = events
        self._ended: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def ended(self, resource: dict[str, Any]) -> None:
        """Take in that an execution has ended; of one that succeeded no log is kept."""
        if resource["status"]["phase"] == Phase.FAILED:
            self._ended.put_nowait(resource)

    async def run(self) -> None:
        """Keep what failed runs could not keep themselves, until cancelled."""
        async with asyncio.TaskGroup() as keepers:
            for _ in range(_AT_ONCE):
                keepers.create_task(self._keep_each())

    async def _keep_each(self) -> None:
        while True:
            resource = await self._ended.get()
            try:
                await self._keep_last(Execution.from_resource(resource))
            except (PodbookError, ValueError) as error:
                _log.warning("%s: no log is kept: %s", resource["metadata"]["name"], error)

    async def read(self, execution: Execution, container: Container, number: int | None) -> bytes:
        """Return the end of what a container of an attempt wrote, the last one by default.

        Raises Problem where there is nothing to be had, and says why.
        """
        attempt = _attempt(execution, number)
        try:
            return await self._tail(execution.pod_of(attempt), container)
        except Refused as refused:
            kept = await self._store.get(_path(execution.uid, attempt.number, container))
            if kept is None:
                raise _nothing(execution, attempt, refused) from refused
            return kept

    async def _keep_last(self, execution: Execution) -> None:
        """Keep what the last pod of a failed run wrote, where its runner ended too soon for that.

        A pod stays for a while after its end; one whose kernel outlived its runner is gone by then.
        """
        attempts, uid = execution.status.attempts, execution.uid
        if (reason := execution.status.reason) and EXPLANATIONS[reason].fault is Fault.CLUSTER:
            await self._events.keep(execution)
        if not attempts:
            return
        number, pod = attempts[-1].number, execution.pod_of(attempts[-1])
        paths = [_path(uid, number, each) for each in CONTAINERS]
        if not any([await self._store.head(path) for path in paths]):
            await self.keep(uid, number, pod)

    async def keep(self, uid: str, number: int, pod: str) -> None:
        """Keep what the containers wrote so far; no run fails because that is not possible."""
        try:
            async with asyncio.timeout(_SECONDS):
                await asyncio.gather(*(self._keep(uid, number, pod, each) for each in CONTAINERS))
        except (PodbookError, TimeoutError) as error:
            _log.warning("the logs of pod %s are not kept: %r", pod, error)

    async def _keep(self, uid: str, number: int, pod: str, container: Container) -> None:
        text = await self._tail(pod, container)
        if text:
            await self._store.put(_path(uid, number, container), text)

    async def _tail(self, pod: str, container: Container) -> bytes:
        text = b""
        for lines in _LINES:
            text = await self._cluster.log(pod, container, lines=lines, limit=_READ)
            if len(text) < _READ:
                break
        return _end(text)


def last_lines(text: bytes, count: int) -> bytes:
    r"""Return so many of the last lines; a bar that is drawn anew by `\r` is one of them."""
    return b"".join(BytesIO(text).readlines()[-count:]) if count else b""


def _end(text: bytes) -> bytes:
    """Return whole lines from the end, where there are any, and say that more was before."""
    if len(text) <= LIMIT:
        return text
    _, newline, rest = text[-LIMIT:].partition(b"\n")
    return b"[the beginning is left out]\n" + (rest if newline and rest else text[-LIMIT:])


def _attempt(execution: Execution, number: int | None) -> Attempt:
    attempts = execution.status.attempts
    found = [attempt for attempt in attempts if number in (None, attempt.number)]
    if not found:
        said = "no pod was made for it" if number is None else f"it has no attempt {number}"
        raise _problem(f"there is no log of execution {execution.name}: {said}")
    return found[-1]


def _nothing(execution: Execution, attempt: Attempt, refused: Refused) -> Problem:
    if not execution.status.phase.is_final:
        return _problem(f"there is no log yet: {refused}")
    return _problem(
        f"the pod of attempt {attempt.number} is gone, and its log was not kept: that is done for"
        " runs that fail and whose pod can still be read then"
    )


def _problem(detail: str) -> Problem:
    return Problem(404, "no-log", "There is no log", detail)


def _path(uid: str, number: int, container: Container) -> str:
    return artifact_path(uid, f"{POD}/{number}/{container}.txt")
