"""What a run raises whose end is no success: by whose fault it is, so that new reasons fit in.

PodbookError
├── Unreachable           the server gave no answer
├── ApiError              it refused: status, type, errors
│   ├── InvalidParameters
│   ├── NotFound
│   ├── Forbidden
│   └── QueueFull         retry_after
├── ExecutionFailed       execution
│   ├── NotebookFault     (NotebookRaised, OutputInvalid)
│   ├── CallerFault
│   └── ClusterFault
├── ExecutionCancelled    execution
└── NoOutput
"""

from typing import Any, Final

from podbook.refusals import PodbookError


class ExecutionFailed(PodbookError):
    """The run failed; `execution` is the whole of it."""

    def __init__(self, execution: Any) -> None:
        super().__init__(_said(execution.view))
        self.execution = execution


class NotebookFault(ExecutionFailed):
    """The notebook has to change for the next run to go better."""


class NotebookRaised(NotebookFault):
    """A cell raised an exception."""


class OutputInvalid(NotebookFault):
    """What was saved does not fit the contract."""


class CallerFault(ExecutionFailed):
    """Another call would go better."""


class ClusterFault(ExecutionFailed):
    """The server or its cluster failed; the same call may do better."""


class ExecutionCancelled(PodbookError):
    """Somebody ended the run."""

    def __init__(self, execution: Any) -> None:
        super().__init__(_said(execution.view))
        self.execution = execution


class NoOutput(PodbookError):
    """There is no output, and this is why."""


_BY_REASON: Final[dict[str, type[ExecutionFailed]]] = {
    "NotebookRaised": NotebookRaised,
    "OutputInvalid": OutputInvalid,
}
_BY_FAULT: Final = {"notebook": NotebookFault, "caller": CallerFault}


def outcome(execution: Any) -> PodbookError | None:
    """Return what a final run raises; None where it succeeded or has not ended."""
    view = execution.view
    if view["phase"] == "Cancelled":
        return ExecutionCancelled(execution)
    if view["phase"] != "Failed":
        return None
    if "explanation" not in view:  # A list does not tell whose fault it was.
        return _BY_REASON.get(str(view.get("reason")), ExecutionFailed)(execution)
    fault = str((view["explanation"] or {}).get("fault"))
    kind = _BY_REASON.get(str(view.get("reason"))) or _BY_FAULT.get(fault, ClusterFault)
    return kind(execution)


def _said(view: dict[str, Any]) -> str:
    explanation = view.get("explanation") or {}
    told = view.get("message") or explanation.get("sentence") or view["phase"]
    lines = [f"{view.get('notebook') or 'inline'} ({view['id']}): {told}"]
    lines += [f"  {line}" for line in explanation.get("lastLines") or []]
    return "\n".join([*lines, *([explanation["advice"]] if explanation.get("advice") else [])])
