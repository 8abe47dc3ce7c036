"""What stands above a notebook's page: its name, how its run went, and where it stopped."""

import json
from collections.abc import Collection
from datetime import datetime
from html import escape
from typing import Final

from podbook_crds.call_rules.secret_parameters import MASK
from podbook_crds.ends.phases import Phase
from podbook_crds.formats.durations import spelled
from podbook_crds.resources.execution import Execution

_LONGEST: Final = 600
# Parameters that are shown, and characters of each.
_PARAMETERS: Final = 40
_VALUE: Final = 120


def title(execution: Execution, name: str) -> str:
    """Return the title of a page, as text."""
    return f"{name} · {execution.status.phase.value}"


def head(
    execution: Execution, name: str, *, secrets: Collection[str] = (), target: str = ""
) -> str:
    """Return the head as HTML.

    Parameters named in secrets are masked; target is what a link to a cell begins with, in the
    frame beside the head.
    """
    status = execution.status
    phase = status.phase.value
    said = "" if status.phase is Phase.SUCCEEDED else _said(execution, target)
    given = _parameters(execution, secrets)
    facts = {"Run": execution.name, "Began": _moment(status.started_at), "Took": _took(execution)}
    listed = "".join(
        f"<div><dt>{label}</dt><dd>{escape(value)}</dd></div>"
        for label, value in facts.items()
        if value
    )
    return (
        f'<header class="podbook-head is-{phase}"><h1>{escape(name)}</h1>'
        f'<span class="podbook-phase">{phase}</span>{said}<dl>{listed}</dl>{given}</header>'
    )


def _parameters(execution: Execution, secrets: Collection[str]) -> str:
    try:
        given = execution.given_parameters
    except (ValueError, RecursionError):
        return ""
    shown = [(name, _value(name, given[name], secrets)) for name in list(given)[:_PARAMETERS]]
    listed = "".join(
        f"<div><dt>{escape(name[:_VALUE])}</dt><dd>{escape(text)}</dd></div>"
        for name, text in shown
    )
    more = f"<p>{len(given) - len(shown)} more parameters</p>" if len(given) > len(shown) else ""
    return f'<dl class="podbook-parameters" title="Parameters">{listed}</dl>{more}' if given else ""


def _value(name: str, value: object, secrets: Collection[str]) -> str:
    text = MASK if name in secrets else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _VALUE else f"{text[: _VALUE - 1]}…"


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
    return spelled((ended - began).total_seconds())
