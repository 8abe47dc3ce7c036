"""Tells the intake how far the cells are, at most once a second, without holding a cell up."""

import http.client
import logging
import threading
from contextlib import suppress
from typing import Final

from podbook_runner.reporting.intake import Intake

INTERVAL_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


class Progress:
    """The latest news of the cells, sent by a thread; a run shorter than a second sends none."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._latest: tuple[int, int, int | None] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)

    def __call__(self, total: int, completed: int, cell: int | None) -> None:
        """Take note that a cell begins: its index, and how many of how many are completed."""
        self._latest = (total, completed, cell)
        if not self._thread.ident:
            self._thread.start()

    def end(self) -> None:
        """Send nothing more."""
        self._ended.set()

    def _send(self) -> None:
        sent = None
        while not self._ended.wait(INTERVAL_SECONDS):
            if self._latest is None or self._latest == sent:
                continue
            total, completed, cell = sent = self._latest
            # The next one says more: what does not arrive is not tried again.
            with suppress(OSError, http.client.HTTPException):
                self._intake.progress(total=total, completed=completed, cell=cell)
