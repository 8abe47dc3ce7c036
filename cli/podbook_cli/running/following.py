"""Shows on stderr how far a run is, from its events: cell by cell."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Final, Self

from podbook.calling.rest import ApiError, Execution, Rest
from podbook_cli.running.told_cells import ToldCells

_LINES: Final = 4
_REFRESHES: Final = 4.0
_NOT_FOUND: Final = 404


class WaitOver(Exception):
    """The time that somebody wanted to wait is over; the run goes on."""


def follow(
    client: Rest, execution: Execution, *, timeout: float | None
) -> tuple[Execution, ToldCells]:
    """Return the execution when it is final, and what its cells told. Raises WaitOver."""
    cells = ToldCells()
    with _at_most(timeout):
        try:
            with _Terminal(cells) if sys.stderr.isatty() else _Lines() as shown:
                for event in client.follow(execution.id):
                    for line in cells.take(event):
                        shown.add(line)
                    shown.refresh()
        except ApiError as error:
            # A server that is older than events; where the run itself is gone, the wait says so.
            if error.status != _NOT_FOUND:
                raise
        return client.wait(execution.id), cells


class _Lines:
    """For pipes and logs: a line for each cell that ended."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def add(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")

    def refresh(self) -> None:
        return


class _Terminal:
    """For people: the cells that ended stay, the one that runs is drawn anew below them."""

    def __init__(self, cells: ToldCells) -> None:
        from rich.console import Console
        from rich.live import Live

        self._cells = cells
        self._cell: int | None = None
        self._since = time.monotonic()
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._live = Live(
            console=self._console,
            get_renderable=self._drawn,
            refresh_per_second=_REFRESHES,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def add(self, line: str) -> None:
        """Write a line above what is drawn."""
        from rich.text import Text

        self._console.print(Text(line, style="red" if "  error " in line else ""))

    def refresh(self) -> None:
        """Note when a cell began: what is drawn counts its seconds."""
        if (running := self._cells.replay.running) != self._cell:
            self._cell = running
            self._since = time.monotonic() - self._cells.seconds_of_running()

    def _drawn(self) -> Any:
        from rich.text import Text

        line = self._cells.running(time.monotonic() - self._since)
        reason = f" ({self._cells.reason})" if self._cells.reason else ""
        lines = [line or f"{self._cells.phase}{reason} …"]
        lines += [f"         │ {text}" for text in self._cells.last_lines(_LINES)]
        drawn = [Text(text, no_wrap=True, overflow="ellipsis", style="dim") for text in lines]
        drawn[0].stylize("bold not dim")
        return Text("\n", no_wrap=True, overflow="ellipsis").join(drawn)


@contextmanager
def _at_most(seconds: float | None) -> Iterator[None]:
    """Raise WaitOver in the block after so many seconds; on Windows nothing can, there it waits."""
    if seconds is None or not hasattr(signal, "setitimer"):
        yield
        return

    def over(_number: int, _frame: FrameType | None) -> None:
        raise WaitOver

    before = signal.signal(signal.SIGALRM, over)
    # Not zero, which would be never.
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
