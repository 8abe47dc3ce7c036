"""Tells a copy out of a backup from an execution that was asked for just now.

A restore makes a new object of an old one: another uid, and no status, because the API server
drops what a client sends of it. What is left of the old one stands in its metadata.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Final

from podbook_crds import names
from podbook_crds.ends.phases import FINAL
from podbook_crds.resources.execution import Execution

# Velero puts it on whatever it restores: https://velero.io/docs/main/restore-reference/
RESTORE_LABEL: Final = "velero.io/restore-name"
# `kubectl apply` keeps the whole of the file that it was given here, its status as well.
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
# The API writes when it made an execution; the clocks of two machines may differ by less.
_CLOCKS_DIFFER: Final = timedelta(minutes=10)


def copied_because(execution: Execution) -> str:
    """Say what shows that this is a copy of an older execution; empty where nothing does."""
    if restore := execution.labels.get(RESTORE_LABEL):
        return f"Velero's restore '{restore}' made it"
    if phase := _applied_phase(execution.annotations.get(_LAST_APPLIED, "")):
        return f"the file that was applied holds the status of a run that was {phase}"
    ran_as = execution.annotations.get(names.RAN_AS_ANNOTATION)
    if ran_as and ran_as != execution.uid:
        return f"its annotation {names.RAN_AS_ANNOTATION} is of a run that had ended"
    submitted = _moment(execution.annotations.get(names.SUBMITTED_ANNOTATION, ""))
    created = _moment(execution.created)
    if submitted and created and created - submitted > _CLOCKS_DIFFER:
        return f"it was submitted at {submitted:%Y-%m-%d %H:%M} UTC, before this object was made"
    return ""


def _applied_phase(text: str) -> str:
    """Return how far the run was by the file; the API server's default says nothing."""
    try:
        status = json.loads(text).get("status") if text else None
    except (ValueError, RecursionError, AttributeError):
        return ""
    if not isinstance(status, dict):
        return ""
    phase = status.get("phase")
    has_begun = phase in FINAL or bool(status.get("attempts"))
    return str(phase) if has_begun else ""


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
