"""What stands above a notebook's page: its name, how its run went, and where it stopped."""

from datetime import datetime
from html import escape
from typing import Final

from podbook_crds.ends.phases import Phase
from podbook_crds.resources.execution import Execution

_LONGEST: Final = 600
_MINUTE: Final = 60


def title(execution: Execution, name: str) -> str:
    """Return the title of a page, as text."""
    return f"{name} · {execution.status.phase.value}"


def head(execution: Execution, name: str, *, target: str = "") -> str:
    """Return the head as HTML; target names the frame that its link to a cell leads into."""
    status = execution.status
    phase = status.phase.value
    said = "" if status.phase is Phase.SUCCEEDED else _said(execution, target)
    facts = {"Run": execution.name, "Began": _moment(status.started_at), "Took": _took(execution)}
    listed = "".join(
        f"<div><dt>{label}</dt><dd>{escape(value)}</dd></div>"
        for label, value in facts.items()
        if value
    )
    return (
        f'<header class="podbook-head is-{phase}"><h1>{escape(name)}</h1>'
        f'<span class="podbook-phase">{phase}</span>{said}<dl>{listed}</dl></header>'
    )


def _said(execution: Execution, target: str) -> str:
    status = execution.status
    if not status.phase.is_final:
        return "<p>It has not ended; this is how far it got.</p>"
    message = status.message or (status.reason.value if status.reason else "")
    raised = status.exception
    if raised is not None and raised.cell is not None:
        number = raised.cell + 1
        place = f'"{target}#podbook-cell-{number}"{_into(target)}'
        where = f"<a href={place}>Stopped at cell {number}</a>: "
    else:
        where = ""
    counted = ""
    if status.cells is not None and status.cells.total:
        counted = f" ({status.cells.completed} of {status.cells.total} code cells had run)"
    return f"<p>{where}{escape(message[:_LONGEST])}{counted}</p>"


def _into(target: str) -> str:
    return ' target="notebook"' if target else ""


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def _took(execution: Execution) -> str:
    began, ended = execution.status.started_at, execution.status.finished_at
    if began is None or ended is None:
        return ""
    seconds = (ended - began).total_seconds()
    minutes, rest = divmod(seconds, _MINUTE)
    return f"{minutes:.0f} min {rest:.0f} s" if minutes else f"{seconds:.1f} s"
