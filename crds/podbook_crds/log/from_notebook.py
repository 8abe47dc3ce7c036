"""Tells the log of a run that left none: of an older runner, or over before anyone asked."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from podbook_crds.log.cells import is_to_run
from podbook_crds.log.events import (
    Event,
    cell_finished,
    cell_started,
    metadata_changed,
    outputs_spliced,
    planned,
)

_STATUS = {"completed": "ok", "failed": "error"}


def events_of(notebook: dict[str, Any]) -> Iterator[Event]:
    """Yield events, without numbers, whose replay shows what an executed notebook shows."""
    bare = deepcopy(notebook)
    cells = [cell for cell in bare.get("cells", []) if cell.get("cell_type") == "code"]
    for cell in cells:
        cell["outputs"], cell["execution_count"] = [], None
    ran = [index for index, cell in enumerate(notebook.get("cells", [])) if _has_run(cell)]
    waited = [index for index, cell in enumerate(notebook.get("cells", [])) if _waited(cell)]
    yield planned(bare, sorted({*ran, *waited}))
    for index in ran:
        yield from _of_cell(index, notebook["cells"][index])
    yield metadata_changed(notebook.get("metadata", {}))


def _of_cell(index: int, cell: dict[str, Any]) -> Iterator[Event]:
    account = cell.get("metadata", {}).get("papermill") or {}
    is_prepared = account.get("prepared") is True
    yield cell_started(index, time=account.get("start_time"), prepared=is_prepared)
    if outputs := cell.get("outputs"):
        yield outputs_spliced(index, at=0, remove=0, outputs=[_joined(o) for o in outputs])
    yield cell_finished(
        index,
        status=_STATUS.get(str(account.get("status")), "stopped"),
        seconds=account.get("duration") or 0.0,
        count=cell.get("execution_count"),
    )


def _has_run(cell: dict[str, Any]) -> bool:
    account = cell.get("metadata", {}).get("papermill") or {}
    return cell.get("cell_type") == "code" and account.get("status") in {*_STATUS, "running"}


def _waited(cell: dict[str, Any]) -> bool:
    """Tell whether a cell was to run when the run ended before it."""
    account = cell.get("metadata", {}).get("papermill") or {}
    return account.get("status") == "pending" and is_to_run(cell)


def _joined(output: dict[str, Any]) -> dict[str, Any]:
    """A file has a stream's text as lines; a splice needs it whole."""
    text = output.get("text")
    return {**output, "text": "".join(text)} if isinstance(text, list) else output
