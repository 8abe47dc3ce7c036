"""The claim: marks the attempt as the pod's, then hands out the job."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from podbook_api.artifacts.execution_record import Records, Resource
from podbook_api.intake.identity import Caller
from podbook_api.intake.jobs import ContentGone, Jobs, pinned_digest
from podbook_api.intake.status import StatusWriter
from podbook_api.intake.view import Gone, Pod, View, check_current, is_ending
from podbook_crds import names
from podbook_crds.ends.finish import finished
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import InvalidNotebook
from podbook_crds.protocol.job import Job
from podbook_crds.resources.execution import Attempt, Execution, ExecutionStatus, kept_attempts


class Claims:
    """Answers claims; from the PATCH on, user code may have run."""

    def __init__(
        self,
        view: View,
        jobs: Jobs,
        writer: StatusWriter,
        *,
        records: Records,
        now: Callable[[], datetime],
    ) -> None:
        self._records = records
        self._view = view
        self._jobs = jobs
        self._writer = writer
        self._now = now

    async def claim(self, caller: Caller) -> Job:
        """Return the job; raise Gone where no cell may start in this pod."""
        pod, execution, record = await asyncio.gather(
            self._view.pod(caller),
            self._view.execution(caller),
            self._records.read(caller.execution_uid),
        )
        if record is not None:
            await self._end_as_recorded(caller, execution, record)
        if is_ending(pod):
            raise Gone("PodGone", f"pod {caller.pod_name} is being taken away")
        _check(execution, caller)
        _check_content(execution, pod)
        try:
            job = await self._jobs.build(execution, attempt=caller.attempt, pod=pod)
        except (ContentGone, InvalidNotebook) as error:
            reason = _FAULTS[type(error)]
            await self._fail(caller, execution, reason, str(error))
            raise Gone(reason.value, str(error)) from error
        await self._mark(caller, execution, pod)
        return job

    async def _mark(self, caller: Caller, execution: Execution, pod: Pod) -> None:
        def claimed(current: Execution) -> ExecutionStatus:
            _check(current, caller)
            return _claimed(current, caller, now=self._now(), digest=pinned_digest(current, pod))

        await self._writer.write(caller, execution, claimed)

    async def _end_as_recorded(
        self, caller: Caller, execution: Execution, record: Resource
    ) -> None:
        """What ended is not run again where the cluster was set back to a time before its end."""
        recorded = Execution.from_resource(record).status

        def ended(current: Execution) -> ExecutionStatus:
            check_current(current, caller)
            return recorded

        await self._writer.write(caller, execution, ended)
        raise Gone("Final", f"by its record the execution is {recorded.phase.value} already")

    async def _fail(
        self, caller: Caller, execution: Execution, reason: Reason, message: str
    ) -> None:
        def failed(current: Execution) -> ExecutionStatus:
            _check(current, caller)
            return finished(current, reason=reason, message=message, now=self._now())

        await self._writer.write(caller, execution, failed)


_FAULTS: dict[type[Exception], Reason] = {
    ContentGone: Reason.NOTEBOOK_CHANGED,
    InvalidNotebook: Reason.INVALID_NOTEBOOK,
}


def _check_content(execution: Execution, pod: Pod) -> None:
    """A pod that was made before the call holds what it was made of, and runs nothing else."""
    metadata = pod["metadata"]
    if names.WARM_LABEL not in (metadata.get("labels") or {}):
        return
    held = (metadata.get("annotations") or {}).get(names.NOTEBOOK_DIGEST_ANNOTATION)
    if execution.spec.notebook.digest not in {None, held}:
        raise Gone("NotebookChanged", "the pod was prepared for another version of the notebook")


def _check(execution: Execution, caller: Caller) -> None:
    check_current(execution, caller)
    if execution.spec.cancel:
        raise Gone("Cancelling", "the execution was cancelled")


def _claimed(
    execution: Execution, caller: Caller, *, now: datetime, digest: str | None
) -> ExecutionStatus:
    """Return the status with the attempt marked; the same one where the claim already stands."""
    status = execution.status
    attempts = [a for a in status.attempts if a.number != caller.attempt]
    known = [a for a in status.attempts if a.number == caller.attempt]
    attempt = known[0] if known else Attempt(number=caller.attempt)
    if attempt.claimed_at is not None:
        return status  # The answer to an earlier claim of this very pod was lost on its way.
    marked = {
        "pod": caller.pod_name,
        "warm": True if caller.pod_name.startswith(names.WARM_POD_PREFIX) else None,
        "pod_uid": caller.pod_uid,
        "claimed_at": now,
        "started_at": now,
    }
    return status.model_copy(
        update={
            "phase": Phase.RUNNING,
            "reason": Reason.CELLS_RUNNING,
            "message": "",
            "observed_generation": execution.generation,
            "notebook_digest": digest or status.notebook_digest,
            "attempts": kept_attempts([*attempts, attempt.model_copy(update=marked)]),
            # The runner, whose clock times the cells, says it exactly with the result.
            "started_at": status.started_at or now,
        }
    )
