"""One request to the kernel and how far its answer has come."""

import time
from typing import Any, Final

from podbook_runner.kernel.client import Message
from podbook_runner.stops import Stop

# Seconds. What a kernel still shows after it has answered follows at once, or was lost on the way.
LATE_OUTPUT_SECONDS: Final = 4.0
# Seconds that an interrupted cell gets to end: to show its traceback, to close its files.
INTERRUPT_SECONDS: Final = 2.0
# Seconds between two looks at the clock while a cell is silent.
TICK_SECONDS: Final = 1.0


# Seconds. An idle kernel has answered, or never will; its answer comes on another socket.
LATE_ANSWER_SECONDS: Final = 10.0

_NO_ANSWER: Final = {
    "status": "error",
    "ename": "Error",
    "evalue": "the kernel gave no answer to the cell that could be read",
    "traceback": [],
}


class Turn:
    """A cell's execution: over when the kernel has answered and is idle, or by the clock."""

    def __init__(self, request: str) -> None:
        self.request = request
        self.reply: dict[str, Any] | None = None
        # What the cell asked for though nobody is there to answer.
        self.asked: dict[str, Any] | None = None
        self.stop: Stop | None = None
        self._idle = False
        self._patience_ends: float | None = None

    def hear(self, message: Message) -> None:
        """Take note of a message that belongs to the request."""
        if message.channel == "shell" and message.problem:
            self.reply = _NO_ANSWER
        elif message.kind == "execute_reply":
            self.reply = message.content
        if message.kind == "status" and message.content.get("execution_state") == "idle":
            self._idle = True
        if message.channel == "stdin" and self.asked is None:
            self.asked = message.content
            self._bound(INTERRUPT_SECONDS)
        elif self.stop is None and self.asked is None:
            if self.reply is not None:
                self._bound(LATE_OUTPUT_SECONDS)
            elif self._idle:
                self._bound(LATE_ANSWER_SECONDS)

    def answer(self) -> dict[str, Any]:
        """Return the kernel's reply, or one that says that it gave none."""
        return _NO_ANSWER if self.reply is None else self.reply

    def interrupted(self, stop: Stop) -> None:
        """Take note that the kernel was asked to stop: from now it has little time."""
        self.stop = stop
        self._bound(INTERRUPT_SECONDS)

    def is_over(self) -> bool:
        """Tell whether there is nothing more to wait for."""
        if self.reply is not None and self._idle:
            return True
        return self._patience_ends is not None and time.monotonic() >= self._patience_ends

    def patience(self, seconds_left: float | None, *, news: float | None = None) -> float:
        """Return how long the next wait for a message may take at most, in seconds.

        seconds_left is what the run has, news when something is to be told of it.
        """
        bounds = [TICK_SECONDS if news is None else min(news, TICK_SECONDS)]
        if seconds_left is not None and self.stop is None:
            bounds.append(seconds_left)
        if self._patience_ends is not None:
            bounds.append(max(0.0, self._patience_ends - time.monotonic()))
        return min(bounds)

    def _bound(self, seconds: float) -> None:
        self._patience_ends = time.monotonic() + seconds
