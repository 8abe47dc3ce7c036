"""Tells how a run ended, on stderr: its warnings, what failed and why, and where to look."""

import sys
from typing import Any

from podbook.calling.rest import Execution
from podbook.refusals import said
from podbook_cli.exits import CLUSTER_FAULT, NOTEBOOK_FAILED, is_clusters_fault
from podbook_cli.printing.terminal_text import coloured, plain
from podbook_cli.running.told_cells import ToldCells
from podbook_crds.formats.durations import spelled


def warn(view: dict[str, Any]) -> None:
    """Tell what a person would want to know of a run, whether it failed or not."""
    for warning in view.get("warnings") or []:
        sys.stderr.write(f"warning: {plain(said(warning))}\n")


def tell_where_from(view: dict[str, Any]) -> None:
    """Tell of an answer that it was there already: whose run it is, and when that ended."""
    used = view.get("cache") or {}
    run = view["id"][:8]
    if used.get("hit"):
        ago = spelled(used["ageSeconds"])
        said = f"the answer of run {run}, which ended {ago} ago; --fresh runs it anew"
    elif used.get("met"):
        said = f"the same call is being run already, as {run}; --fresh runs it anew"
    else:
        return
    sys.stderr.write(f"cached: {said}\n")


def tell_failure(execution: Execution, cells: ToldCells, interpreter: str | None) -> int:
    """Tell why there is no output, and return the exit code."""
    view = execution.view
    sys.stderr.write(f"{view['phase']}: {view['reason']}\n")
    if view.get("message"):
        sys.stderr.write(f"{plain(view['message'])}\n")
    exception = view.get("exception") or {}
    failed = cells.failed()
    if failed is not None and (traceback := cells.traceback(failed)):
        _show(cells, failed, traceback)
    elif exception.get("traceback"):
        sys.stderr.write(f"{plain(exception['traceback'])}\n")
    if exception.get("name") == "ModuleNotFoundError" and interpreter:
        sys.stderr.write(
            f"The kernel ran in {interpreter}: install what is missing there"
            f" (`{interpreter} -m pip install …`), or name another Python with --python.\n"
        )
    return CLUSTER_FAULT if is_clusters_fault(view["reason"]) else NOTEBOOK_FAILED


def _show(cells: ToldCells, cell: int, traceback: str) -> None:
    """Show a cell and its traceback: with colours where somebody looks."""
    source = plain(cells.source(cell)).rstrip("\n")
    if not sys.stderr.isatty():
        indented = "\n".join(f"    {line}".rstrip() for line in source.splitlines())
        sys.stderr.write(f"\n{indented}\n\n{plain(traceback)}\n")
        return
    from rich.console import Console
    from rich.syntax import Syntax

    notebook = cells.replay.notebook or {}
    kernel = notebook.get("metadata", {}).get("kernelspec") or {}
    language = str(kernel.get("language") or "python")
    drawn = Syntax(source, language, theme="ansi_dark", background_color="default", word_wrap=True)
    Console(stderr=True).print("", drawn, "")
    sys.stderr.write(f"{coloured(traceback)}\x1b[0m\n")
