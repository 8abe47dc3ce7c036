"""Writes an execution's status: decided on one version of it, written onto that version only."""

from collections.abc import Callable
from typing import Final

from podbook_api.intake.identity import Caller
from podbook_api.intake.view import View
from podbook_api.state.cluster import Cluster
from podbook_crds import names
from podbook_crds.errors import ClusterUnavailable, Conflict, Refused
from podbook_crds.resources.execution import Execution, ExecutionStatus
from podbook_kube.reflector import Reflector

Decide = Callable[[Execution], ExecutionStatus]

_ROUNDS: Final = 8
# How Kubernetes answers a failed `test` of a JSON Patch; what it answers to an invalid object too.
_INVALID: Final = 422


class StatusWriter:
    """Writes statuses of executions for the intake."""

    def __init__(self, cluster: Cluster, cache: Reflector, view: View) -> None:
        self._cluster = cluster
        self._cache = cache
        self._view = view

    async def write(self, caller: Caller, execution: Execution, decide: Decide) -> None:
        """Write what decide says; read again and ask it again whenever somebody was faster.

        decide may raise; a status that is equal to the current one is not written.
        """
        for _ in range(_ROUNDS):
            status = decide(execution)
            if status == execution.status:
                return
            try:
                await self._write(execution, status)
            except (Conflict, Refused) as error:
                if isinstance(error, Refused) and error.status not in (404, _INVALID):
                    raise
                again = await self._view.execution(caller, live=True)
                same = again.resource_version == execution.resource_version
                if same and isinstance(error, Refused):
                    raise  # Nobody was faster: the status itself is refused.
                execution = again
                continue
            return
        raise ClusterUnavailable("the execution keeps changing")

    async def _write(self, execution: Execution, status: ExecutionStatus) -> None:
        resource = await self._cluster.write_status(
            names.EXECUTION_PLURAL, execution.name, execution.resource_version, status.to_wire()
        )
        # At once, not by way of the watch: who waits for the end in this process hears of it now.
        self._cache.put(resource)
