"""Finds what the intake decides on: the caller's pod, live, and its execution."""

from typing import Any, Final

from podbook_api.intake.identity import Caller
from podbook_api.state.cluster import Cluster
from podbook_api.state.execution_index import ExecutionIndex
from podbook_api.state.executions import Executions
from podbook_crds import names
from podbook_crds.errors import PodbookError, UnknownExecution
from podbook_crds.resources.execution import Execution

Pod = dict[str, Any]

_DISRUPTION: Final = "DisruptionTarget"


class Gone(PodbookError):
    """The pod has nothing (more) to do; reason is for programs."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class View:
    """Reads pods and executions for the intake."""

    def __init__(self, cluster: Cluster, executions: Executions, index: ExecutionIndex) -> None:
        self._cluster = cluster
        self._executions = executions
        self._index = index

    async def pod(self, caller: Caller) -> Pod:
        """Return the caller's pod as it is now; raise Gone where it is not that pod any more."""
        pod = await self._cluster.get("pods", caller.pod_name)
        if pod is None or pod["metadata"]["uid"] != caller.pod_uid:
            raise Gone("PodGone", f"pod {caller.pod_name} is gone")
        if why := _not_made_for(pod, caller):
            raise Gone("PodUnknown", f"pod {caller.pod_name} is none of its execution's: {why}")
        return pod

    async def execution(self, caller: Caller, *, live: bool = False) -> Execution:
        """Return the caller's execution; raise Gone where there is none.

        From the watch's view, unless live: every write tests the resourceVersion it was made on,
        so a stale view costs another round and is never acted on.
        """
        name = self._index.name_of(caller.execution_uid)
        if name is None:
            pod = await self.pod(caller)
            name = (pod["metadata"].get("annotations") or {}).get(names.EXECUTION_NAME_ANNOTATION)
        try:
            found = await (self._executions.live if live else self._executions.find)(name or "")
        except UnknownExecution as error:
            raise Gone("ExecutionGone", str(error)) from error
        if found.uid != caller.execution_uid:
            raise Gone("ExecutionGone", f"execution {name} was deleted and made again")
        return found

    async def claimed(self, caller: Caller) -> Execution:
        """Return the caller's execution; raise Gone unless its attempt is the one that runs.

        What the watch's view denies is asked of the cluster itself: the claim may be too young.
        """
        try:
            found = await self.execution(caller)
            check_claimed(found, caller)
        except Gone:
            found = await self.execution(caller, live=True)
            check_claimed(found, caller)
        return found


def _not_made_for(pod: Pod, caller: Caller) -> str:
    """Say what shows that the operator did not make that pod for the attempt in its name."""
    metadata = pod["metadata"]
    labels = metadata.get("labels") or {}
    if labels.get(names.EXECUTION_LABEL) != caller.execution_uid:
        return f"its label {names.EXECUTION_LABEL} is another"
    if labels.get(names.ATTEMPT_LABEL) != str(caller.attempt):
        return f"its label {names.ATTEMPT_LABEL} is another"
    owners = [owner for owner in metadata.get("ownerReferences") or [] if owner.get("controller")]
    if [(owner["kind"], owner["uid"]) for owner in owners] != [
        (names.EXECUTION_KIND, caller.execution_uid)
    ]:
        return "the execution does not own it"
    return ""


def is_ending(pod: Pod) -> bool:
    """Tell whether the cluster is taking the pod away: why is the operator's to say."""
    if "deletionTimestamp" in pod["metadata"]:
        return True
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(c.get("type") == _DISRUPTION and c.get("status") == "True" for c in conditions)


def check_current(execution: Execution, caller: Caller) -> None:
    """Raise Gone unless the caller is the current attempt of an execution that goes on."""
    if execution.status.phase.is_final:
        raise Gone("Final", f"the execution is {execution.status.phase.value}")
    if execution.deleted:
        raise Gone("Deleted", "the execution is being deleted")
    for attempt in execution.status.attempts:
        if attempt.number > caller.attempt:
            raise Gone("Superseded", f"attempt {attempt.number} has been made since")
        other = attempt.number == caller.attempt and attempt.pod_uid not in (None, caller.pod_uid)
        running = attempt.number < caller.attempt and attempt.claimed_at and not attempt.finished_at
        if other or running:
            raise Gone("ClaimedByAnother", f"another pod claimed attempt {attempt.number}")
        if attempt.pod_uid == caller.pod_uid and attempt.finished_at is not None:
            raise Gone("GivenUp", "the operator has seen this pod's end already")


def has_claimed(execution: Execution, caller: Caller) -> bool:
    """Tell whether the caller's claim stands in the execution."""
    return any(a.pod_uid == caller.pod_uid and a.claimed_at for a in execution.status.attempts)


def check_claimed(execution: Execution, caller: Caller) -> None:
    """Raise Gone unless the caller is the current attempt and has claimed it."""
    check_current(execution, caller)
    if not has_claimed(execution, caller):
        raise Gone("NotClaimed", "the claim comes first")
