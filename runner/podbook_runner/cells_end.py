"""How the cells ended, as the kernel said it; papermill's own metadata is never asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

# What IPython says of input() where nobody is there to ask.
NO_INPUT: Final = "StdinNotImplementedError"
# What is no name of an exception: IPython's for one that is raised while a value is displayed.
_NO_NAMES: Final = (None, "", "NoneType")
# What sys.exit() leaves in the reply where the exit status is 0.
_CLEAN: Final = frozenset({"", "0", "None", "False"})
# What exit() and quit() carry that is no status: they take it for "keep the kernel".
_NO_STATUS: Final = (None, True, False, 0)


class End(StrEnum):
    """Why no more cells were run."""

    COMPLETED = "completed"
    RAISED = "raised"
    KERNEL_DIED = "kernel died"
    DEADLINE = "deadline"
    STOPPED = "stopped"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Raised:
    """What a cell raised; the traceback's lines are as the kernel sent them."""

    name: str
    value: str
    traceback: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CellsEnd:
    """How the cells ended: why, in which cell (its index from 0), and how many were completed."""

    end: End
    cell: int | None = None
    raised: Raised | None = None
    total: int = 0
    completed: int = 0
    # Whether the kernel still answers: a busy one can not be asked to leave politely.
    kernel_idle: bool = True
    # A sentence about what a kernel that died had used; empty where it never said.
    memory: str = ""
    # What the runner itself tripped over.
    fault: str = ""


def cause(reply: dict[str, Any], shown: Sequence[Raised]) -> Raised | None:
    """Return what the cell raised, or None where it went well.

    shown are the errors that the cell shows: one is a failure though the reply says ok, as where a
    script raises that `%run` started. Where the reply names another error than any of them, as in
    a debugger that nobody can talk to, what was shown is the cause.
    """
    answered = raised_by(reply)
    told = [e for e in shown if e.name != NO_INPUT and not is_clean(e.name, e.value)]
    if answered is None:
        first = told or [e for e in shown if e.name == NO_INPUT]
        return _named(first[0]) if first else None
    is_shown = any(error.name == answered.name for error in told)
    is_named = reply.get("ename") not in (*_NO_NAMES, NO_INPUT) or reply.get("status") == "ok"
    if not told or (is_named and is_shown):
        return answered
    return _named(told[-1])


def raised_by(reply: dict[str, Any]) -> Raised | None:
    """Return what the cell raised by its execute_reply, or None where it went well.

    A clean sys.exit() is no failure: it ends the notebook; see `asks_to_end`.
    """
    if status := status_of(reply):
        return Raised("SystemExit", status)
    if reply.get("status") == "ok" or is_clean(reply.get("ename"), reply.get("evalue")):
        return None
    lines = reply.get("traceback")
    return Raised(
        name=str(reply.get("ename") or reply.get("status") or "Error"),
        value=str(reply.get("evalue") or ""),
        traceback=[str(line) for line in lines] if isinstance(lines, list) else [],
    )


def is_clean(name: object, value: object) -> bool:
    """Tell whether an error is only the end of the notebook: sys.exit(0)."""
    return name == "SystemExit" and value in _CLEAN


def asks_to_end(reply: dict[str, Any]) -> bool:
    """Tell whether the cell ended the notebook on purpose: sys.exit(0), exit, quit."""
    return is_clean(reply.get("ename"), reply.get("evalue")) or bool(_wishes(reply))


def status_of(reply: dict[str, Any]) -> str:
    """Return what exit(3) left in the reply; "" for a clean end and for none that is known."""
    kept = [wish.get("keepkernel") for wish in _wishes(reply)]
    return next((str(k) for k in kept if isinstance(k, int | str) and k not in _NO_STATUS), "")


def _wishes(reply: dict[str, Any]) -> list[dict[str, Any]]:
    payload = reply.get("payload")
    items = payload if isinstance(payload, list) else []
    return [i for i in items if isinstance(i, dict) and i.get("source") == "ask_exit"]


def asked_for_input(prompt: object, traceback: Sequence[str]) -> Raised:
    """Return the failure of a cell whose kernel asks though nobody is there."""
    said = f" ({prompt[:200]!r})" if isinstance(prompt, str) and prompt else ""
    return Raised(NO_INPUT, f"the cell asked for input{said}", list(traceback))


def _named(error: Raised) -> Raised:
    return error if error.name else Raised("error", error.value, error.traceback)
