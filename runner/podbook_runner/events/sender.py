"""Brings batches of events to the intake, in a thread of its own, over one connection.

A batch is frozen as soon as it is here: it is sent with the same bytes until the store has it,
whoever answers. Only one is on its way at a time; what the run has to tell meanwhile waits.
"""

import http.client
import json
import logging
import threading
import time
from typing import Any, Final

from podbook_crds.protocol import intake as routes
from podbook_runner.events.outbox import Batch, Outbox
from podbook_runner.reporting.intake import Intake, connection_to
from podbook_runner.reporting.retries import LONGEST_PAUSE_SECONDS, Until

_log = logging.getLogger(__name__)

_PAUSE_SECONDS: Final = 0.2


class Sender:
    """The way of a log to the intake."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._connection: http.client.HTTPConnection | None = None
        self._changed = threading.Condition()
        self._outbox = Outbox()
        self._thread: threading.Thread | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a batch is on its way."""
        with self._changed:
            return self._outbox.is_busy

    @property
    def next_seconds(self) -> float:
        """How long after a batch the next one is wanted."""
        with self._changed:
            return self._outbox.next_seconds

    def send(self, batch: Batch) -> None:
        """Bring a batch on its way."""
        with self._changed:
            self._outbox.add(batch)
            self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="telling", daemon=True)
            self._thread.start()

    def finish(self, *, until: Until) -> None:
        """Return once everything is stored, or it is not worth waiting for any more."""
        with self._changed:
            self._outbox.end()
            self._changed.notify_all()
            while not self._outbox.is_done and time.monotonic() < until():
                self._changed.wait(0.1)

    def _run(self) -> None:
        pause = _PAUSE_SECONDS
        while not self._outbox.is_off:
            with self._changed:
                while (batch := self._outbox.next) is None:
                    self._changed.wait()
                body = self._outbox.body
            try:
                status, answer = self._ask(batch, body)
                with self._changed:
                    self._outbox.heard(status, answer)
                    self._changed.notify_all()
                pause = _PAUSE_SECONDS
            except (OSError, http.client.HTTPException, ValueError) as error:
                _log.warning("events wait: %s: %s", type(error).__name__, error)
                self._close()
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _ask(self, batch: Batch, body: bytes) -> tuple[int, dict[str, Any]]:
        """Send a batch; return the status and the body of the answer."""
        if self._connection is None:
            self._connection = connection_to(self._intake.url, self._intake.authority)
        query = f"first={batch.first}&stored={self._outbox.stored}"
        query += "&snapshot=true" * batch.is_snapshot + "&last=true" * self._outbox.is_last
        total, completed, cell = batch.cells
        query += f"&total={total}&completed={completed}" + ("" if cell is None else f"&cell={cell}")
        self._connection.request(
            "POST",
            f"{self._intake.path}{routes.EVENTS_PATH}?{query}",
            body=body,
            headers=self._intake.authorization(),
        )
        response = self._connection.getresponse()
        text = response.read()
        if response.will_close:
            self._close()
        if response.status >= http.client.INTERNAL_SERVER_ERROR:
            raise OSError(f"{response.status} {text[:200].decode(errors='replace')}")
        return response.status, json.loads(text or b"{}")

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
