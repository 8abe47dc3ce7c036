"""How a process is asked to check, and what its answer means; worker.py is the other end."""

import json
from typing import Any, Final

from podbook_crds.errors import InvalidContract, Violation

MODULE: Final = "podbook_crds.checking.worker"
MEMORY: Final = 512 * 1024**2

# Before what is wrong with the contract; anything else is about the check.
_MARK: Final = "contract: "


def said(*, root: str = "", formats: bool = True, closed: bool = False) -> dict[str, Any]:
    """Return the line of a request; see `contracts.violations` for what it says."""
    return {"root": root, "formats": formats, "closed": closed, "mark": _MARK}


def found(answer: bytes) -> list[Violation]:
    """Return the violations that the answer tells of."""
    return [Violation(**violation) for violation in json.loads(answer)]


def not_checked(refusal: str) -> str:
    """Return why nothing was checked; raise InvalidContract where that is the contract."""
    if refusal.startswith(_MARK):
        raise InvalidContract(refusal.removeprefix(_MARK))
    return f"could not be checked: {refusal}"


def too_long(seconds: float) -> str:
    """Return the sentence about what took too long; N is what it may take, in seconds."""
    return f"could not be checked within {seconds:g} s; make the contract simpler, or send less"
