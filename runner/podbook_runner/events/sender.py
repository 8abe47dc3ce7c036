"""Brings batches of events to the intake, in a thread of its own, over one connection.

A batch is frozen as soon as it is here: it is sent with the same bytes until the store has it,
whoever answers. Only one is on its way at a time; what the run has to tell meanwhile waits.
"""

import http.client
import json
import logging
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

from podbook_crds.protocol import intake as routes
from podbook_runner.reporting.intake import Intake, connection_to
from podbook_runner.reporting.retries import LONGEST_PAUSE_SECONDS, Until

_log = logging.getLogger(__name__)

# Until an intake says otherwise.
_NEXT_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.2
# Answers after which nothing more is told: an intake of a time before there were logs, or a run
# that nobody waits for any more.
_FOR_GOOD: Final = {http.client.NOT_FOUND, http.client.GONE, http.client.UNPROCESSABLE_ENTITY}


@dataclass(frozen=True, slots=True)
class Batch:
    """Events with the numbers from first to last, as lines of JSON."""

    first: int
    last: int
    data: bytes
    is_snapshot: bool
    # How many cells are to run, how many have, and the one that does: what a list of runs shows.
    cells: tuple[int, int, int | None]


class Sender:
    """The way of a log to the intake."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._connection: http.client.HTTPConnection | None = None
        self._changed = threading.Condition()
        # Sent or to be sent, and not known to be stored; the newest last.
        self._frozen: list[Batch] = []
        self._to_send = 0
        self._stored = 0
        self._is_last = False
        self._is_off = False
        self._thread: threading.Thread | None = None
        self.next_seconds = _NEXT_SECONDS

    @property
    def is_busy(self) -> bool:
        """Whether a batch is on its way."""
        with self._changed:
            return self._to_send < len(self._frozen) and not self._is_off

    def send(self, batch: Batch) -> None:
        """Bring a batch on its way."""
        with self._changed:
            self._frozen.append(batch)
            self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="telling", daemon=True)
            self._thread.start()

    def finish(self, *, until: Until) -> None:
        """Return once everything is stored, or it is not worth waiting for any more."""
        with self._changed:
            self._is_last = True
            self._to_send = min(self._to_send, max(0, len(self._frozen) - 1))
            self._changed.notify_all()
            while self._frozen and not self._is_off and time.monotonic() < until():
                self._changed.wait(0.1)

    def _run(self) -> None:
        pause = _PAUSE_SECONDS
        while not self._is_off:
            with self._changed:
                while self._to_send >= len(self._frozen):
                    self._changed.wait()
                batch = self._frozen[self._to_send]
            try:
                self._heard(batch, *self._ask(batch))
                pause = _PAUSE_SECONDS
            except (OSError, http.client.HTTPException, ValueError) as error:
                _log.warning("events wait: %s: %s", type(error).__name__, error)
                self._close()
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _ask(self, batch: Batch) -> tuple[int, dict[str, Any]]:
        """Send a batch; return the status and the body of the answer."""
        if self._connection is None:
            self._connection = connection_to(self._intake.url, self._intake.authority)
        query = f"first={batch.first}&stored={self._stored}"
        query += "&snapshot=true" * batch.is_snapshot + "&last=true" * self._is_last
        total, completed, cell = batch.cells
        query += f"&total={total}&completed={completed}" + ("" if cell is None else f"&cell={cell}")
        self._connection.request(
            "POST",
            f"{self._intake.path}{routes.EVENTS_PATH}?{query}",
            body=batch.data,
            headers=self._intake.authorization(),
        )
        response = self._connection.getresponse()
        text = response.read()
        if response.will_close:
            self._close()
        if response.status >= http.client.INTERNAL_SERVER_ERROR:
            raise OSError(f"{response.status} {text[:200].decode(errors='replace')}")
        return response.status, json.loads(text or b"{}")

    def _heard(self, batch: Batch, status: int, answer: dict[str, Any]) -> None:
        with self._changed:
            if status == http.client.CONFLICT and isinstance(answer.get("expected"), int):
                self._go_back(answer["expected"])
            elif status in _FOR_GOOD:
                _log.info("the intake hears no more events: %s", status)
                self._is_off = True
            elif status >= http.client.BAD_REQUEST:
                raise OSError(f"{status} {answer}")
            else:
                self._taken(batch, answer)
            self._changed.notify_all()

    def _taken(self, batch: Batch, answer: dict[str, Any]) -> None:
        self._stored = max(self._stored, int(answer["stored"]))
        self.next_seconds = float(answer["nextSeconds"])
        self._to_send += 1
        stored = [kept for kept in self._frozen if kept.last <= self._stored]
        self._to_send = max(0, self._to_send - len(stored))
        self._frozen = self._frozen[len(stored) :]
        if self._is_last and self._frozen and self._to_send >= len(self._frozen):
            self._to_send = len(self._frozen) - 1  # Not stored yet: it is asked for again.

    def _go_back(self, expected: int) -> None:
        """Another process answers, which lacks what the last one had not stored yet."""
        for place, kept in enumerate(self._frozen):
            if kept.last >= expected:
                self._to_send = place
                return
        _log.error("the intake asks for event %s, which is not kept any more", expected)
        self._is_off = True

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
