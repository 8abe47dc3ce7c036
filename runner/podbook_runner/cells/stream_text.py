"""What a cell printed, as a terminal would show it, its middle left out where it is too much."""

from collections import deque
from typing import Final

# Characters that are kept of one stream: half of them from its start, half from its end.
STREAM_LIMIT: Final = 1024 * 1024


class StreamText:
    r"""Text that only grows; a `\r` takes back the line that it stands in, as progress bars do."""

    def __init__(self, limit: int = STREAM_LIMIT) -> None:
        self._half = limit // 2
        self._head: list[str] = []
        self._head_size = 0
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._left_out = 0
        # The line that is being written: a carriage return may still take it back.
        self._line = ""

    @property
    def size(self) -> int:
        """How many characters are kept."""
        return self._head_size + self._tail_size + len(self._line)

    @property
    def left_out(self) -> int:
        """How many characters are not kept."""
        return self._left_out

    def append(self, text: str) -> None:
        """Add what was printed."""
        if "\r" in text or self._line.endswith("\r"):
            text, self._line = _folded(self._line + text), ""
        finished, newline, line = text.rpartition("\n")
        if newline:
            self._keep(self._line + finished + newline)
            self._line = ""
        self._line += line
        self._shorten_line()

    def text(self) -> str:
        """Return what is kept, with a visible marker where something was left out."""
        line = self._line.rstrip("\r")
        if not self._left_out:
            return "".join((*self._head, *self._tail, line))
        marker = f"\n… {self._left_out:,} characters were left out here …\n"
        return "".join((*self._head, marker, *self._tail, line))

    def _keep(self, text: str) -> None:
        room = self._half - self._head_size
        if room > 0:
            self._head.append(text[:room])
            self._head_size += len(self._head[-1])
            text = text[room:]
        if not text:
            return
        self._tail.append(text[-self._half :])
        self._left_out += max(0, len(text) - self._half)
        self._tail_size += len(self._tail[-1])
        while self._tail_size > self._half:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        excess = self._tail_size - self._half
        oldest = self._tail.popleft()
        if len(oldest) > excess:
            self._tail.appendleft(oldest[excess:])
        dropped = min(excess, len(oldest))
        self._tail_size -= dropped
        self._left_out += dropped

    def _shorten_line(self) -> None:
        """A line without an end would grow for ever: its start is taken as finished."""
        if len(self._line) > self._half:
            self._keep(self._line)
            self._line = ""


def _folded(text: str) -> str:
    r"""Take back what stands before each `\r` in its line; a `\r\n` is a plain line end."""
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(_last_written(line) for line in lines)


def _last_written(line: str) -> str:
    kept = line.rstrip("\r")
    trailing = "\r" if len(kept) < len(line) else ""
    return kept.rpartition("\r")[2] + trailing
