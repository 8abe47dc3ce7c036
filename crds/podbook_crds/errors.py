"""Everything Podbook raises on purpose.

PodbookError
├── InvalidParameters     the caller's parameters do not fit the notebook
├── OverrideNotAllowed    the call wants to change what its notebook does not let it
├── LimitExceeded         more is asked for than any execution may be given here
├── InvalidContract       a notebook's own schemas cannot be used
├── InvalidNotebook       the content is no notebook
├── UnknownNotebook       no such notebook in the catalog
├── CatalogNotRead        the catalog is still being read; trying again in a moment helps
├── NotebookNotReady      the notebook is there and cannot be run as it stands
├── UnknownExecution      no such execution in the cluster
├── UnknownArtifact       the execution has no artifact of that name
├── Conflict              the object changed since it was read
├── Busy                  more is asked for at once than there is room for; trying again helps
├── Refused               the Kubernetes API refused what was asked, and will again
├── ClusterUnavailable    the Kubernetes API did not answer; trying again may help
│   └── ClusterBusy       it answers, and has too much to do; trying again later will help
└── StoreUnavailable      the artifact store did not answer; trying again may help
    └── StoreFull         it answers, and has no room left; somebody has to make some
"""

from dataclasses import dataclass


class PodbookError(Exception):
    """The base of every error that Podbook raises on purpose."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a value does not fit its contract.

    pointer is a JSON pointer (RFC 6901) that starts at what was checked, e.g. `/parameters/start`.
    """

    pointer: str
    message: str
    # Of an undeclared name: the declared one that was meant, perhaps.
    suggestion: str | None = None

    def __str__(self) -> str:
        hint = f" (did you mean {self.suggestion!r}?)" if self.suggestion else ""
        return f"{self.pointer}: {self.message}{hint}"


class InvalidParameters(PodbookError):
    """The caller's parameters do not fit the notebook's contract."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(str(violation) for violation in violations))
        self.violations = violations


class OverrideNotAllowed(PodbookError):
    """The call wants to change what its notebook does not let it."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(f"{v.pointer}: {v.message}" for v in violations))
        self.violations = violations


class LimitExceeded(PodbookError):
    """More is asked for, by the call or by its notebook, than any execution may be given here."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(f"{v.pointer}: {v.message}" for v in violations))
        self.violations = violations


class InvalidContract(PodbookError):
    """A notebook's own schemas cannot be used."""


class InvalidNotebook(PodbookError):
    """The content is no notebook."""


class UnknownNotebook(PodbookError):
    """No notebook of that id is in the catalog."""


class CatalogNotRead(PodbookError):
    """No notebook of that id is known yet, and the catalog is still being read."""


class NotebookNotReady(PodbookError):
    """The notebook is there and cannot be run as it stands; the message says why."""


class UnknownExecution(PodbookError):
    """No execution of that id is in the cluster."""


class UnknownArtifact(PodbookError):
    """The execution has no artifact of that name."""


class Conflict(PodbookError):
    """The object changed since it was read: read again, decide again."""


class Busy(PodbookError):
    """More is asked for at once than there is room for; trying again helps."""


class Refused(PodbookError):
    """The Kubernetes API refused what was asked, and will again.

    status is the HTTP status, reason the `reason` of the Status object, or an empty text.
    """

    def __init__(self, message: str, *, status: int, reason: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class ClusterUnavailable(PodbookError):
    """The Kubernetes API did not answer; trying again may help."""


class ClusterBusy(ClusterUnavailable):
    """The Kubernetes API has too much to do; trying again after some seconds will help."""

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class StoreUnavailable(PodbookError):
    """The artifact store did not answer; trying again may help."""


class StoreFull(StoreUnavailable):
    """The artifact store has no room left."""
