"""Knows how much memory the kernel used when it last said so: it may explain the kernel's death."""

import time
from collections.abc import Callable
from typing import Final

from podbook_runner.kernel.client import Message

# Whose kernels are built on ipykernel, which answers while a cell runs. Others need not know the
# request, and the only use of an answer is a sentence.
_ANSWERING: Final = frozenset({"python", "bash"})

# Seconds from an answer to the next question. A large kernel takes its time to count its pages,
# a busy one to answer: it is asked the less often, to lose a fiftieth of its time at most.
SHORTEST_PAUSE_SECONDS: Final = 2.0
LONGEST_PAUSE_SECONDS: Final = 10.0
TIME_SHARE: Final = 0.02


class Memory:
    """The kernel's last answer; there is one question under way at most, so none pile up.

    Nothing waits for an answer: a kernel that gives none is asked once.
    """

    def __init__(
        self,
        ask: Callable[[], str],
        *,
        language: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._now = now
        self._due = now() + SHORTEST_PAUSE_SECONDS
        self._is_free = language.lower() in _ANSWERING
        self._request = ""
        self._asked_at = self._said_at = 0.0
        self._bytes: int | None = None

    def ask_if_due(self) -> None:
        """Send the question if it is time; the answer is one of the messages that arrive later."""
        now = self._now()
        if self._is_free and now >= self._due:
            self._is_free = False
            self._asked_at = now
            self._request = self._ask()

    def hear(self, message: Message) -> None:
        """Take note of the answer, if the message is the one that is waited for."""
        if message.kind != "usage_reply" or message.parent != self._request:
            return
        used = message.content.get("kernel_memory")
        if not isinstance(used, int):  # A kernel that does not know it does not learn it.
            return
        self._bytes = used
        self._said_at = now = self._now()
        pause = max(SHORTEST_PAUSE_SECONDS, (now - self._asked_at) / TIME_SHARE)
        self._due = now + min(LONGEST_PAUSE_SECONDS, pause)
        self._is_free = True

    def sentence(self) -> str:
        """Return what is known, for people; empty where nothing is."""
        if self._bytes is None:
            return ""
        ago = self._now() - self._said_at
        return f"it used {self._bytes >> 20}Mi of memory when last asked, {ago:.0f} s before"
