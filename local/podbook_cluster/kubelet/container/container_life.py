"""Takes one container of a pod from nothing, or from where it was left, to its end."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from podbook_cluster.kubelet.client import Pod, name_of
from podbook_cluster.kubelet.container import records, termination
from podbook_cluster.kubelet.container.containers import (
    Container,
    KeeperLost,
    NotStarted,
    StartedBefore,
)
from podbook_cluster.kubelet.container.records import Ended, Started
from podbook_cluster.kubelet.environment import environment, quantities
from podbook_cluster.kubelet.environment.downward import UnknownField
from podbook_cluster.kubelet.environment.expansion import expand
from podbook_cluster.kubelet.files.mounts import Mounts
from podbook_cluster.kubelet.files.sources import ConfigMissing, Sources
from podbook_cluster.kubelet.keeper.containers import START_ERROR_CODE
from podbook_cluster.kubelet.keeper.messages import Start
from podbook_cluster.kubelet.pod.ending import Ending
from podbook_cluster.kubelet.pod.status import KILLED, Running, State, Terminated, Waiting
from podbook_crds.errors import ClusterUnavailable, Refused

_log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = 0.5


class ContainerLife:
    """One container of one pod; tells every change of its state."""

    def __init__(
        self,
        pod: Pod,
        container: dict[str, Any],
        *,
        mounts: Mounts,
        ending: Ending,
        tell: Callable[[str, State], None],
    ) -> None:
        self._pod = pod
        self._spec = container
        self.name: str = container["name"]
        self._id = f"{pod['metadata']['uid']}/{self.name}"
        self._node = mounts.node
        self._folder = mounts.folder
        self._mounts = mounts
        self._ending = ending
        self._tell = tell
        self.running: Container | None = None
        # Ended because the node was down for long, through no fault of the pod.
        self.was_abandoned = False

    async def live(self, known: State) -> None:
        """Live to the end; `known` is what the API server was told before."""
        outcome = await self._recovered(known) or await self._started()
        if isinstance(outcome, Container):
            outcome = await self._lived(outcome)
        if outcome:
            self._tell(self.name, outcome)

    async def _recovered(self, known: State) -> Container | Terminated | None:
        """Return what became of an earlier start, None if there was none."""
        if isinstance(known, Terminated):
            return known
        found = self._node.containers.find(self._folder.records, self.name)
        if found is None:
            return self._lost(None) if isinstance(known, Running) else None
        outcome = await found
        if isinstance(outcome, Container):
            return outcome
        started = records.read_started(self._folder.records, self.name)
        if outcome:
            return self._terminated(outcome, started)
        return self._lost(started)

    async def _started(self) -> Container | Terminated | None:
        """Start it, however long it takes to become possible; None if it is no longer wanted."""
        while not self._ending.is_asked:
            try:
                request = await self._request()
                if isinstance(request, Terminated):
                    return request
                if not self._ending.is_asked:
                    return await self._node.containers.start(request)
            except (StartedBefore, KeeperLost):
                # One that a lost keeper had not begun yet is begun by the next.
                if outcome := await self._recovered(Waiting()):
                    return outcome
            except NotStarted as error:
                return self._terminated(error.ended, None)
            except ClusterUnavailable as error:
                _log.info("%s: %s waits: %s", name_of(self._pod), self.name, error)
            except OSError as error:
                self._tell(self.name, Waiting("CreateContainerError", str(error)))
            except (ConfigMissing, UnknownField, Refused, ValueError) as error:
                self._tell(self.name, Waiting("CreateContainerConfigError", str(error)))
            await self._ending.asked(within_seconds=_RETRY_SECONDS)
        return None

    async def _lived(self, container: Container) -> Terminated:
        self.running = container
        self._tell(self.name, Running(self._container_id, container.started.started_at))
        if self._ending.is_asked:
            container.kill()
        ended = await container.ended
        self.running = None
        return (
            self._terminated(ended, container.started) if ended else self._lost(container.started)
        )

    async def _request(self) -> Start | Terminated:
        self._mounts.lay_out()
        sources = Sources(self._node.client, self._pod["metadata"]["namespace"])
        own, _ = await asyncio.gather(
            environment.container_environment(
                self._pod,
                self._spec,
                sources=sources,
                node_name=self._node.settings.node_name,
            ),
            self._mounts.fill(self._spec, sources),
        )
        command = [*(self._spec.get("command") or ()), *(self._spec.get("args") or ())]
        if not self._spec.get("command"):
            return self._not_started("no command: images and their entrypoints are not used here")
        return Start(
            id=self._id,
            name=self.name,
            folder=str(self._folder.records),
            argv=[expand(part, own) for part in command],
            env={**self._node.environment, **own},
            cwd=str(self._mounts.working_folder(self._spec)),
            log=str(self._folder.log(self.name)),
            log_limit=self._node.settings.log_limit_bytes,
            memory_limit=self._memory_limit(),
            umask=self._node.settings.umask,
        )

    def _memory_limit(self) -> int | None:
        limits: Mapping[str, str] = (self._spec.get("resources") or {}).get("limits") or {}
        if not self._node.settings.memory_limits or "memory" not in limits:
            return None
        return int(quantities.parse(limits["memory"]))

    def _terminated(self, ended: Ended, started: Started | None) -> Terminated:
        self.was_abandoned = ended.abandoned
        if ended.start_error:
            return self._not_started(ended.start_error)
        reason = "Completed" if ended.exit_code == 0 else "Error"
        return Terminated(
            exit_code=ended.exit_code,
            reason="OOMKilled" if ended.memory_exceeded else reason,
            finished_at=ended.finished_at,
            started_at=started.started_at if started else None,
            container_id=self._container_id,
            message=termination.message(
                self._spec,
                file=self._mounts.termination_file(self._spec),
                log=self._folder.log(self.name),
                exit_code=ended.exit_code,
                containers=len(self._pod["spec"]["containers"]),
            ),
        )

    @staticmethod
    def _not_started(why: str) -> Terminated:
        now = records.timestamp()
        return Terminated(START_ERROR_CODE, "StartError", finished_at=now, message=why)

    def _lost(self, started: Started | None) -> Terminated:
        return Terminated(
            KILLED,
            "ContainerStatusUnknown",
            finished_at=records.timestamp(),
            started_at=started.started_at if started else None,
            container_id=self._container_id,
            message="The container could not be located when the pod was terminated",
        )

    @property
    def _container_id(self) -> str:
        return f"podbook-local://{self._id.replace('/', '-')}"
