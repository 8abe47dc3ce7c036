"""What the operator decides on, with everything that a test does not care about filled in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.names import pod_name
from podbook_crds.protocol.result import RunResult
from podbook_crds.resources.execution import (
    Attempt,
    Execution,
    ExecutionSpec,
    ExecutionStatus,
    NotebookRef,
)
from podbook_crds.resources.model import micro_time
from podbook_crds.resources.notebook import Notebook, NotebookSpec, Source
from podbook_operator.config import OperatorConfig
from podbook_operator.pod.state import ContainerState, PodState
from podbook_operator.rules.effective_spec import terms
from podbook_operator.rules.view import View
from rig.ipynb import EMPTY

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
NOW = CREATED + timedelta(seconds=60)

STARTED = ContainerState(is_started=True)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def ended(
    exit_code: int = 0, *, reason: str = "", message: str = "", at: datetime = NOW
) -> ContainerState:
    """A container that ended."""
    return ContainerState(
        is_started=True,
        is_ended=True,
        exit_code=exit_code,
        reason=reason or ("Completed" if exit_code == 0 else "Error"),
        message=message,
        ended_at=at,
    )


def an_execution(
    *,
    phase: Phase = Phase.QUEUED,
    reason: Reason | None = None,
    attempts: list[Attempt] | None = None,
    finished_at: datetime | None = None,
    deleted: bool = False,
    name: str = "run",
    created: datetime = CREATED,
    annotations: dict[str, str] | None = None,
    **spec: Any,
) -> Execution:
    """An execution of the notebook `report`, as far along as the test says."""
    return Execution(
        namespace="default",
        name=name,
        uid=f"uid-of-{name}",
        created=micro_time(created),
        resource_version="10",
        deleted=deleted,
        annotations=annotations or {},
        spec=ExecutionSpec.model_validate({"notebook": NotebookRef(name="report"), **spec}),
        status=ExecutionStatus(
            phase=phase, reason=reason, attempts=attempts or [], finished_at=finished_at
        ),
    )


def running(**spec: Any) -> Execution:
    """An execution whose first attempt was claimed."""
    reason, attempts = Reason.CELLS_RUNNING, [claimed()]
    return an_execution(phase=Phase.RUNNING, reason=reason, attempts=attempts, **spec)


def a_notebook(name: str = "report", **spec: Any) -> Notebook:
    """A notebook of the catalog."""
    return Notebook(
        namespace="default",
        name=name,
        uid=f"uid-of-{name}",
        created=micro_time(CREATED),
        resource_version="5",
        spec=NotebookSpec.model_validate({"source": Source(ipynb=EMPTY), **spec}),
    )


def claimed(number: int = 1, **fields: Any) -> Attempt:
    """An attempt whose runner fetched its job."""
    return Attempt(number=number, pod_uid=f"pod-{number}", claimed_at=NOW - seconds(10), **fields)


def failed(number: int = 1, *, reason: Reason = Reason.START_FAILED, **fields: Any) -> Attempt:
    """An attempt that ended unclaimed."""
    at = {"finished_at": NOW - seconds(10), **fields}
    return Attempt(number=number, pod_uid=f"pod-{number}", reason=reason, **at)


def a_pod(number: int = 1, **fields: Any) -> PodState:
    """The pod of an attempt; running where the test does not say."""
    pod = PodState(
        namespace="default",
        name=pod_name("uid-of-run", number),
        uid=f"pod-{number}",
        resource_version="20",
        execution_name="run",
        execution_uid="uid-of-run",
        owner_uid="uid-of-run",
        notebook="report",
        attempt=number,
        created=NOW - seconds(20),
        scheduled_at=NOW - seconds(20),
        phase="Running",
        kernel=STARTED,
        runner=STARTED,
    )
    if "deletion_at" in fields:
        fields.setdefault("deletion_asked_at", fields["deletion_at"] - seconds(30))
    return replace(pod, **fields)


def an_ended_pod(number: int = 1, *, result: RunResult | None = None, **fields: Any) -> PodState:
    """The pod of an attempt whose containers have ended."""
    both = {"kernel": ended(), "runner": ended(), "result": result, "phase": "Succeeded"}
    return a_pod(number, **{**both, **fields})


def a_view(
    execution: Execution,
    *pods: PodState,
    notebook: Notebook | None = None,
    has_notebook: bool = True,
    now: datetime = NOW,
    config: OperatorConfig | None = None,
    **fields: Any,
) -> View:
    """A view with a slot free."""
    config = config or OperatorConfig()
    found = (notebook or a_notebook()) if has_notebook else None
    held = {"holds_slot": True, **fields}
    holds = terms(execution, found, config.kernels)
    return View(execution, holds, pods, now, config, **held)
