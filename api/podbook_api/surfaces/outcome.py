"""How an execution ended, in the terms that the older surfaces have in common."""

from datetime import UTC, datetime, timedelta

from podbook_api.v1.views import submitted_at
from podbook_crds.ends.phases import Phase
from podbook_crds.resources.execution import Execution


def exception_text(execution: Execution) -> str | None:
    """Return what went wrong as text; None where nothing did, or the end is not there yet.

    Whatever ends an execution without success counts: the older clients know nothing else.
    """
    status = execution.status
    if status.phase not in (Phase.FAILED, Phase.CANCELLED):
        return None
    if status.exception is not None:
        raised = status.exception
        return raised.traceback or f"{raised.name}: {raised.value}"
    reason = "" if status.reason is None else status.reason.value
    return f"{reason}: {status.message}" if status.message else reason


def times(execution: Execution) -> tuple[datetime, datetime]:
    """Return start and end of what is final; the end is later, also where nothing ever ran.

    The older clients subtract one from the other without looking.
    """
    status = execution.status
    started = status.started_at or datetime.fromisoformat(submitted_at(execution))
    finished = status.finished_at or datetime.now(UTC)
    return started, max(finished, started + timedelta(microseconds=1))
