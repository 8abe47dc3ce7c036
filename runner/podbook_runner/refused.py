"""An end before the first cell."""

from podbook_crds import names
from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol.result import RunResult


class Refused(Exception):
    """No cell was run; the arguments are the reason and what is wrong."""

    def __init__(self, reason: Reason, message: str, *, notebook: bytes = b"") -> None:
        super().__init__(reason, message)
        self.result = RunResult(reason=reason, message=message[: names.MESSAGE_LIMIT])
        self.notebook = notebook


def cancelled() -> Refused:
    """Return the end of a run that was stopped before it began."""
    refused = Refused(Reason.CANCELLED, "stopped from outside before the kernel was ready")
    refused.result = refused.result.model_copy(update={"interrupted": True})
    return refused
