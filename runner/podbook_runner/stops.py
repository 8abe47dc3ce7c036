"""What ends a run from outside: a signal to the runner, or the run's own deadline."""

import math
import os
import signal
import socket
import time
from contextlib import suppress
from enum import StrEnum


class Stop(StrEnum):
    """Why no further cell may run."""

    SIGNAL = "signal"
    DEADLINE = "deadline"


class Stops:
    """Collects the reasons to stop; a poll on `descriptor` wakes when a signal arrives."""

    def __init__(self) -> None:
        self._deadline: float | None = None
        self._asked_at: float | None = None
        self._receiver, self._sender = socket.socketpair()
        self._receiver.setblocking(False)
        self._sender.setblocking(False)

    @property
    def descriptor(self) -> int:
        """Readable as soon as a signal arrived."""
        return self._receiver.fileno()

    def listen(self) -> None:
        """Take SIGTERM and SIGINT as the wish to stop; only from the main thread."""
        signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.ask())

    def ask(self) -> None:
        """Stop as soon as possible."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()

    def wake(self) -> None:
        """Let a poll on the descriptor return; from any thread."""
        with suppress(BlockingIOError):
            self._sender.send(b"\0")

    @property
    def asked_at(self) -> float:
        """When a signal arrived, as `time.monotonic` has it; infinity as long as none did."""
        return math.inf if self._asked_at is None else self._asked_at

    def allow(self, seconds: float) -> None:
        """Start the clock of the whole run: from now it may take so many seconds."""
        self._deadline = time.monotonic() + seconds

    def reason(self) -> Stop | None:
        """Return why to stop, or None as long as the run may go on."""
        if self._asked_at is not None:
            return Stop.SIGNAL
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return Stop.DEADLINE
        return None

    def seconds_left(self) -> float | None:
        """Return the seconds until the deadline, or None where there is none."""
        if self._deadline is None:
            return None
        return max(0.0, self._deadline - time.monotonic())

    def acknowledge(self) -> None:
        """Empty the descriptor, so that a poll sleeps again."""
        try:
            while os.read(self.descriptor, 64):
                pass
        except BlockingIOError:
            pass

    def close(self) -> None:
        """Let go of the descriptors."""
        self._receiver.close()
        self._sender.close()
