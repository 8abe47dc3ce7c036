"""Shows on stderr how far an execution is, while it runs."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from podbook.client import ApiError, Execution, Podbook, Unreachable

_REFRESH_SECONDS: Final = 0.5


def follow(client: Podbook, execution: Execution) -> Execution:
    """Return the execution when it is final; cells are counted on a terminal only."""
    if not sys.stderr.isatty():
        return client.wait(execution.id)
    with _shown(client, execution.id):
        return client.wait(execution.id)


@contextmanager
def _shown(client: Podbook, execution: str) -> Iterator[None]:
    """Show a bar beside the wait: the end is seen at once, the bar need not be that quick."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    ended = threading.Event()
    with Progress(
        *columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as progress:
        task = progress.add_task("Queued", total=None)

        def refresh() -> None:
            while not ended.wait(_REFRESH_SECONDS):
                # Whoever waits for the end is told of a server that is gone.
                with suppress(ApiError, Unreachable):
                    _update(progress, task, client.get(execution).view)

        beside = threading.Thread(target=refresh, daemon=True)
        beside.start()
        try:
            yield
        finally:
            ended.set()
            beside.join()


def _update(progress: Any, task: Any, view: dict[str, Any]) -> None:
    cells = view.get("cells") or {}
    progress.update(
        task,
        description=str(view["phase"]),
        completed=cells.get("completed", 0),
        total=cells.get("total"),
    )
