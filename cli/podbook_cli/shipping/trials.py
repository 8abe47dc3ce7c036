"""One trial of `podbook test`: what is run, what is expected of it, and what became of it."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from podbook.calling.rest import ApiError, Execution, Rest, Unreachable
from podbook.comparison import Comparison
from podbook_cli.exits import is_clusters_fault
from podbook_crds.resources.example import Example

if TYPE_CHECKING:
    from podbook_catalog.entries.catalog_entry import Entry

_INVALID: Final = 422
_KEPT: Final = "notebook.ipynb"
_TRACEBACK: Final = "exception.txt"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is asked of a notebook once."""

    entry: "Entry"
    # In reports: `contract`, `defaults`, or `example NAME`.
    name: str
    example: Example
    # Where it stands in the config; None where it is none of its examples.
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a trial."""

    trial: Trial
    # Empty where everything is as expected.
    failures: list[str] = field(default_factory=list)
    # Why it was not run, though nothing is wrong.
    skipped: str = ""
    # Of the run, or of the difference: a report's readers sort by it.
    kind: str = "Unexpected"
    seconds: float = 0.0
    # Whether nothing can be said of the notebook: a fault of the server, or on the way to it.
    is_our_fault: bool = False
    # What was saved, where the run succeeded.
    output: Any = None
    has_output: bool = False
    # Cell and traceback of a run that failed.
    traceback: str = ""
    digest: str = ""
    kept: Path | None = None

    @property
    def verdict(self) -> str:
        """What it came to: ok, skip or FAIL."""
        return "FAIL" if self.failures else "skip" if self.skipped else "ok"

    def to_json(self) -> dict[str, Any]:
        """Return its JSON form."""
        return {
            "notebook": self.trial.entry.id,
            "name": self.trial.name,
            "verdict": self.verdict,
            "seconds": round(self.seconds, 3),
            "failures": [self.skipped] if self.skipped else self.failures,
            "kept": None if self.kept is None else str(self.kept),
        }


def attempt(trial: Trial, client: Rest, folder: Path) -> Outcome:
    """Run the trial to its end, keep the executed notebook in the folder, and judge it."""
    began = time.monotonic()
    try:
        execution = client.run(trial.entry.id, trial.example.parameters)
        found = _judged(trial, execution, client)
        if found.failures and "exception" in execution.view:
            found = replace(found, traceback=_traceback(execution, client))
        kept = _keep(execution, client, folder)
    except ApiError as error:
        found, kept = _refused(trial, error), None
    except Unreachable as error:
        found, kept = Outcome(trial, [str(error)], kind="Unreachable", is_our_fault=True), None
    return replace(found, seconds=time.monotonic() - began, kept=kept)


def _judged(trial: Trial, execution: Execution, client: Rest) -> Outcome:
    view, example = execution.view, trial.example
    plain = Outcome(trial, digest=str(view.get("notebookDigest") or ""))
    if execution.phase != "Succeeded":
        return _failed(plain, view)
    if example.reason is not None or example.exception is not None:
        expected = example.reason or example.exception
        return replace(plain, failures=[f"expected was {expected}, but it succeeded"])
    output = client.output(execution)
    differing = compared(example, output) if example.expects_output else []
    return replace(plain, failures=differing, kind="OutputDiffers", output=output, has_output=True)


def compared(example: Example, output: Any) -> list[str]:
    """Return where the output is another than the example's."""
    tolerance = example.tolerance
    comparison = Comparison(tolerance.relative, tolerance.absolute, tuple(example.ignore))
    return comparison.differences(example.output, output)


def _failed(plain: Outcome, view: dict[str, Any]) -> Outcome:
    """Return what a run's failure means: it may be what was expected."""
    example = plain.trial.example
    reason, exception = str(view.get("reason")), view.get("exception") or {}
    said = f"{reason}: {view.get('message') or 'it says no more'}"
    wrong = [said] if example.reason is None and example.exception is None else []
    if example.reason not in {None, reason}:
        wrong = [f"expected was the end {example.reason}, it is {said}"]
    elif example.exception not in {None, exception.get("name")}:
        wrong = [f"expected was {example.exception}, raised is {exception.get('name')}"]
    return replace(
        plain,
        failures=wrong,
        kind=reason,
        is_our_fault=bool(wrong) and is_clusters_fault(reason),
    )


def _refused(trial: Trial, error: ApiError) -> Outcome:
    """Return what a refusal means: of bad parameters it may be what was expected."""
    if error.status == _INVALID:
        if trial.example.reason == "InvalidParameters":
            return Outcome(trial)
        return Outcome(trial, [str(error)], kind="InvalidParameters")
    return Outcome(trial, [str(error)], kind="Refused", is_our_fault=not error.is_the_callers)


def _traceback(execution: Execution, client: Rest) -> str:
    """Return in which cell what was raised, and the whole of it."""
    raised = execution.view["exception"] or {}
    head = f"cell {raised.get('cell')}: {raised.get('name')}: {raised.get('value')}\n"
    try:
        return head + client.artifact(execution.id, _TRACEBACK).decode(errors="replace")
    except (ApiError, Unreachable):
        return head + str(raised.get("traceback") or "")


def _keep(execution: Execution, client: Rest, folder: Path) -> Path | None:
    try:
        data = client.artifact(execution.id, _KEPT)
    except (ApiError, Unreachable):
        return None  # The run's own end says more than that.
    path = folder / f"{execution.id}.ipynb"
    path.write_bytes(data)
    return path
