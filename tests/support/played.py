"""Executions in every state, made without a kernel: the operator and the runner are played."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from podbook_crds import names
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.resources.execution import ExecutionStatus
from rig.api import FakeRun, apply_execution, write_status
from tests.support.notebooks import code, ipynb, markdown
from tests.support.pages import Site

WAITING = {
    Reason.WAITING_FOR_SLOT,
    Reason.NOTEBOOK_NOT_FOUND,
    Reason.QUOTA_EXCEEDED,
    Reason.INTAKE_UNAVAILABLE,
    Reason.POD_CREATED,
    Reason.UNSCHEDULABLE,
}
_RAISED = {
    "name": "ValueError",
    "value": "no sales in July",
    "cell": 1,
    "traceback": "\x1b[31mValueError\x1b[0m  Traceback\nline one\nValueError: no sales in July",
}
_NUMBERS = iter(range(100_000))


def submitted(site: Site, **parameters: Any) -> str:
    """Submit a run of `sales` as kubectl would; return its id."""
    spec = {"notebook": {"name": "sales"}, "parameters": parameters}
    return apply_execution(site.cluster, f"run-{next(_NUMBERS)}", spec)


def finished(
    site: Site,
    ipynb: bytes,
    output: Any = None,
    files: Mapping[str, tuple[str, bytes]] = MappingProxyType({}),
) -> str:
    """Return the id of a run that succeeded and left that notebook.

    files are more that it left: by name, with their types and their content.
    """
    name = submitted(site, region="north")
    run = FakeRun(site.cluster, site.api, name).make_pod()
    run.claim()
    run.upload(names.NOTEBOOK_ARTIFACT, ipynb, "application/x-ipynb+json")
    for path, (media_type, content) in files.items():
        run.upload(path, content, media_type)
    answer = run.result(output=output, hasOutput=True)
    assert answer.status_code == 200, answer.text
    return name


def phase_of(reason: Reason) -> Phase:
    """Return a phase in which an execution may have that reason."""
    if reason in WAITING:
        return Phase.QUEUED
    if reason in (Reason.CELLS_RUNNING, Reason.CANCELLING):
        return Phase.RUNNING
    if reason is Reason.NOTEBOOK_COMPLETED:
        return Phase.SUCCEEDED
    return Phase.CANCELLED if reason is Reason.CANCELLED else Phase.FAILED


def _left_notebook(site: Site, name: str) -> list[dict[str, Any]]:
    run = FakeRun(site.cluster, site.api, name).make_pod()
    run.claim()
    left = ipynb(markdown("# July"), code("sum_of(july)"))
    run.upload(names.NOTEBOOK_ARTIFACT, left, "application/x-ipynb+json")
    return run.artifacts


def in_state(site: Site, reason: Reason) -> tuple[str, ExecutionStatus]:
    """Return the id of an execution with that reason, and its status."""
    phase = phase_of(reason)
    status: dict[str, Any] = {"phase": phase.value, "reason": reason.value}
    if phase.is_final:
        status |= {
            "message": f"said of {reason.value}",
            "finishedAt": "2026-11-27T12:00:09.000000Z",
        }
        status |= {"startedAt": "2026-11-27T12:00:00.000000Z"}
    name = submitted(site)
    if reason is Reason.NOTEBOOK_RAISED:
        status |= {"exception": _RAISED, "artifacts": _left_notebook(site, name)}
    write_status(site.cluster, name, status)
    return name, ExecutionStatus.model_validate(status)
