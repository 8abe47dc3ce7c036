"""Keeps what cells show within limits: the start and the end stay, with a marker between."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from nbformat import NotebookNode
from nbformat.v4 import new_output

from podbook_runner.cells.stream_text import STREAM_LIMIT, StreamText
from podbook_runner.showing.shown import leave_out

# Bytes or characters. One picture or table; all of a cell; all of a notebook. The first has room
# for a library of charts that a page brings along: plotly's has 4.8 million characters.
MEDIA_LIMIT: Final = 6 * 1024 * 1024
CELL_LIMIT: Final = 8 * 1024 * 1024
NOTEBOOK_LIMIT: Final = 48 * 1024 * 1024
# When the notebook's room is used up, each cell still keeps so much: its error must be seen.
CELL_MINIMUM: Final = 16 * 1024
TRACEBACK_LIMIT: Final = 64 * 1024

# Outputs of one cell: so many from the start, so many from the end.
FIRST_OUTPUTS: Final = 900
LAST_OUTPUTS: Final = 100


class Room:
    """What the whole notebook may still take."""

    def __init__(self, limit: int = NOTEBOOK_LIMIT) -> None:
        self.left = limit

    def for_cell(self) -> int:
        """Return how much one more cell may take."""
        return max(CELL_MINIMUM, min(CELL_LIMIT, self.left))


class CellOutputs:
    """The outputs of the cell that runs; `outputs` is the cell's own list, kept within limits."""

    def __init__(
        self,
        outputs: list[NotebookNode],
        room: Room,
        *,
        forget: Callable[[NotebookNode], None] = lambda _: None,
    ) -> None:
        self.outputs = outputs
        # What was not kept, for people; as long as it was not cleared away.
        self.left_out: list[str] = []
        self._room = room
        # Told of every output that is not kept any more.
        self._forget = forget
        self._limit = room.for_cell()
        self._texts: dict[int, StreamText] = {}
        self._sizes: dict[int, int] = {}
        self._total = 0
        self._left_out = 0
        self._marker: NotebookNode | None = None

    def add(self, output: NotebookNode) -> NotebookNode:
        """Add an output, shortened where it must be; return the one that now stands for it."""
        if output.output_type == "stream":
            return self._print(output)
        self.left_out += shorten(output, self._limit)
        self._append(output, size_of(output))
        return output

    def resized(self, output: NotebookNode) -> None:
        """Take note that an output changed; too much of all, and others are left out."""
        if id(output) in self._sizes:
            self._resize(output, size_of(output))
            self._make_room()

    def clear(self) -> None:
        """Forget everything: the cell asked for it."""
        for output in self.outputs:
            self._forget(output)
        self.outputs.clear()
        self.left_out.clear()
        self._texts.clear()
        self._sizes.clear()
        self._total, self._left_out, self._marker = 0, 0, None

    def settle(self) -> None:
        """Write what was printed into the outputs; before the cell is saved."""
        for output in self.outputs:
            if (text := self._texts.get(id(output))) is not None:
                output["text"] = text.text()
        if self._marker is not None:
            self._marker["text"] = f"… {self._left_out:,} outputs were left out here …\n"

    def finish(self) -> None:
        """Settle for good, and take what the cell uses from the notebook's room."""
        self.settle()
        self._room.left -= sum(size_of(output) for output in self.outputs)
        printed = sum(text.left_out for text in self._texts.values())
        if printed:
            self.left_out.append(f"{printed:,} characters that it printed were left out")
        if self._left_out:
            self.left_out.append(f"{self._left_out:,} of its outputs were left out")
        self._texts.clear()

    def _print(self, output: NotebookNode) -> NotebookNode:
        last = self.outputs[-1] if self.outputs else None
        if last is None or last.get("name") != output.name or id(last) not in self._texts:
            self._texts[id(output)] = StreamText(min(STREAM_LIMIT, self._limit))
            self._append(output, 0)
            last = output
        self._texts[id(last)].append(output.text)
        self._resize(last, self._texts[id(last)].size)
        return last

    def _append(self, output: NotebookNode, size: int) -> None:
        self.outputs.append(output)
        self._resize(output, size)
        self._make_room()

    def _make_room(self) -> None:
        while self._is_too_much():
            self._drop_one()

    def _resize(self, output: NotebookNode, size: int) -> None:
        self._total += size - self._sizes.get(id(output), 0)
        self._sizes[id(output)] = size

    def _is_too_much(self) -> bool:
        count = len(self.outputs)
        if count <= 2 + (self._marker is not None):  # The newest and the marker always stay.
            return False
        return count > FIRST_OUTPUTS + LAST_OUTPUTS or self._total > self._limit

    def _drop_one(self) -> None:
        """Leave out the oldest of the end; the start stays as it is."""
        if self._marker is None:
            count = len(self.outputs)
            place = FIRST_OUTPUTS if count > FIRST_OUTPUTS else count // 2
            self._marker = new_output("stream", name="stderr", text="")
            self.outputs.insert(place, self._marker)
        place = next(i for i, output in enumerate(self.outputs) if output is self._marker)
        victim = self.outputs.pop(place + 1 if place + 2 < len(self.outputs) else max(0, place - 1))
        self._texts.pop(id(victim), None)
        self._total -= self._sizes.pop(id(victim), 0)
        self._left_out += 1
        self._forget(victim)


def size_of(output: NotebookNode) -> int:
    """Return about how many bytes an output takes in the notebook."""
    return sum(len(text) for text in _texts(output))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)


def shorten(output: NotebookNode, limit: int) -> list[str]:
    """Cut an output that is more than may be kept of one; return what was left out, for people."""
    if output.output_type == "error":
        output["traceback"] = _ends(list(output.traceback), TRACEBACK_LIMIT)
        output["evalue"] = _ends_of_text(output.evalue, TRACEBACK_LIMIT)
        return []
    left_out = []
    for kind, value in list(output.data.items()):
        size = sum(len(text) for text in _texts(value))
        if size > min(MEDIA_LIMIT, limit):
            left_out.append(_left_out(kind, size, min(MEDIA_LIMIT, limit)))
            leave_out(output.data, kind, left_out[-1])
    return left_out


def _left_out(kind: str, size: int, limit: int) -> str:
    return f"{kind} of {size:,} characters was left out; the limit is {limit:,}"


def _ends(lines: list[str], limit: int) -> list[str]:
    """Return the first and last lines of a traceback: the last ones say what happened."""
    if sum(map(len, lines)) <= limit:
        return lines
    return _ends_of_text("\n".join(lines), limit).split("\n")


def _ends_of_text(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    half = limit // 2
    left_out = f"\n… {len(text) - limit:,} characters were left out here …\n"
    return f"{text[:half]}{left_out}{text[-half:]}"
