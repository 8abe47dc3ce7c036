"""How far an execution has got."""

from enum import StrEnum


class Phase(StrEnum):
    """How far an execution has got; a phase never goes back, and the last three are final.

    `Starting` is never written: the API derives it from a queued execution's pod.
    """

    QUEUED = "Queued"
    STARTING = "Starting"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"

    @property
    def is_final(self) -> bool:
        """Whether the phase can no longer change."""
        return self in FINAL


FINAL = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED})

# The server-side selector of everything that is still to be done.
UNFINISHED_SELECTOR = ",".join(f"status.phase!={phase}" for phase in sorted(FINAL))
