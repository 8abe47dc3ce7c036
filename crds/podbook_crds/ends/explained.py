"""Says of one execution what happened, whose fault it is, what to do and where to look."""

import re
from typing import Final

from pydantic import Field

from podbook_crds.ends.advice import ADVICE
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import EXPLANATIONS, Fault, Reason
from podbook_crds.resources.execution import ExceptionInfo, ExecutionStatus
from podbook_crds.resources.model import Model

# What is read at a glance; the whole traceback is an artifact.
_LINES: Final = 12
_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_MODULE: Final = re.compile(r"No module named '([^']{1,100})'")
_FIRST: Final = {Phase.QUEUED: Reason.WAITING_FOR_SLOT, Phase.STARTING: Reason.POD_CREATED}


class Explained(Model):
    """The same words on pages, in the command line, for agents and in Python."""

    fault: Fault
    sentence: str
    advice: str
    # Index of the failing cell in the notebook, from 0.
    cell: int | None = None
    # The end of its traceback, without colours.
    last_lines: list[str] = Field(default_factory=list)


def explained(status: ExecutionStatus) -> Explained:
    """Return what the execution's state means for a person."""
    reason = status.reason or _FIRST.get(status.phase, Reason.CELLS_RUNNING)
    meaning, exception = EXPLANATIONS[reason], status.exception
    return Explained(
        fault=meaning.fault,
        sentence=meaning.sentence,
        advice=_missing_module(exception) or ADVICE[reason],
        cell=None if exception is None else exception.cell,
        last_lines=[] if exception is None else _last_lines(exception),
    )


def _missing_module(exception: ExceptionInfo | None) -> str:
    """A package that is not there is the most frequent first failure, and has a cure of its own."""
    if exception is None or exception.name not in ("ModuleNotFoundError", "ImportError"):
        return ""
    found = _MODULE.search(exception.value)
    if found is None:
        return ""
    module = found[1].partition(".")[0]
    return (
        f"Install what provides {module!r} into the Python that runs the kernels"
        f" (`python -m pip install …`; `podbook up` names that Python when it starts),"
        " or into the notebook's image; then run it again."
    )


def _last_lines(exception: ExceptionInfo) -> list[str]:
    text = exception.traceback or f"{exception.name}: {exception.value}"
    lines = [line.rstrip() for line in _ANSI.sub("", text).splitlines()]
    return [line for line in lines if line][-_LINES:]
