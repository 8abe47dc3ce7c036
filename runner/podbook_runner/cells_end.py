"""How the cells ended, as the kernel said it; papermill's own metadata is never asked."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class End(StrEnum):
    """Why no more cells were run."""

    COMPLETED = "completed"
    RAISED = "raised"
    KERNEL_DIED = "kernel died"
    DEADLINE = "deadline"
    STOPPED = "stopped"


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


# What sys.exit() leaves in the reply where the exit status is 0.
_CLEAN_EXITS = frozenset({"", "0", "None", "False"})


def raised_by(reply: dict[str, Any]) -> Raised | None:
    """Return what the cell raised by its execute_reply, or None where it went well.

    A clean sys.exit() is no failure: it ends the notebook; see `asks_to_end`.
    """
    if reply.get("status") == "ok" or _is_clean_exit(reply):
        return None
    return Raised(
        name=str(reply.get("ename") or reply.get("status") or "Error"),
        value=str(reply.get("evalue") or ""),
        traceback=[str(line) for line in reply.get("traceback") or []],
    )


def asks_to_end(reply: dict[str, Any]) -> bool:
    """Tell whether the cell ended the notebook on purpose: sys.exit(0), exit, quit."""
    payload = reply.get("payload") or []
    return _is_clean_exit(reply) or any(
        isinstance(item, dict) and item.get("source") == "ask_exit" for item in payload
    )


def _is_clean_exit(reply: dict[str, Any]) -> bool:
    return reply.get("ename") == "SystemExit" and reply.get("evalue") in _CLEAN_EXITS
