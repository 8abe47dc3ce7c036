"""Cells that run before a call: what the kernel said of them is heard again in the call."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from nbformat import NotebookNode

from podbook_crds.call_rules.parameters_cells import declaring, tags_of
from podbook_crds.log.cells import is_to_run
from podbook_runner.kernel.client import Kernel, Message
from podbook_runner.kernel.request import Turn

# Of what all of them show together: it is held until somebody calls.
SHOWN_LIMIT: Final = 8 * 1024 * 1024


class NotPrepared(Exception):
    """The cells cannot be run before a call; the message says which one, and why."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the kernel said of one cell."""

    source: str
    request: str
    messages: tuple[Message, ...]


# By the cells' places in the notebook.
Prepared = dict[int, Recorded]


def record(
    notebook: NotebookNode,
    kernel: Kernel,
    *,
    until: float,
    is_stopped: Callable[[], bool],
    refuse_input: Callable[[], None],
) -> Prepared:
    """Run the cells above the one tagged `parameters`; none where no cell is.

    Raises NotPrepared where one does not end well by then, and KernelDied.
    """
    declared = declaring(notebook.cells, by_first_line=False)
    found: Prepared = {}
    room = SHOWN_LIMIT
    for index, cell in enumerate(notebook.cells[: declared or 0]):
        if is_to_run(cell):
            recording = _Recording(kernel, index, until, is_stopped, refuse_input)
            found[index] = recording.of(cell, room=room)
            room -= recording.size
    return found


@dataclass
class _Recording:
    kernel: Kernel
    index: int
    until: float
    is_stopped: Callable[[], bool]
    refuse_input: Callable[[], None]
    size: int = 0

    def of(self, cell: NotebookNode, *, room: int) -> Recorded:
        turn = Turn(self.kernel.execute(cell.source))
        messages: list[Message] = []
        while not turn.is_over():
            self._look(turn)
            left = self.until - time.monotonic()
            for message in self.kernel.listen(turn.patience(max(left, 0.0))):
                if message.parent == turn.request:
                    turn.hear(message)
                    messages.append(message)
                    self.size += _size(message)
            if self.size > room:
                self._interrupt(f"it shows more than {SHOWN_LIMIT:,} bytes")
        self._judge(turn, cell)
        return Recorded(cell.source, turn.request, tuple(messages))

    def _look(self, turn: Turn) -> None:
        if turn.asked is not None:
            self.refuse_input()
            self._give_up("it asks for input")
        if self.is_stopped():
            self._interrupt("the pod was stopped")
        if time.monotonic() >= self.until:
            self._interrupt("it takes too long for startTimeoutSeconds")

    def _judge(self, turn: Turn, cell: NotebookNode) -> None:
        reply = turn.answer()
        is_meant = "raises-exception" in tags_of(cell)
        if reply.get("status") != "ok" and not is_meant:
            self._give_up(f"{reply.get('ename')}: {reply.get('evalue')}")
        if any(each.get("source") == "ask_exit" for each in reply.get("payload") or ()):
            self._give_up("it ends the notebook")

    def _interrupt(self, why: str) -> NoReturn:
        self.kernel.interrupt()
        self._give_up(why)

    def _give_up(self, why: str) -> NoReturn:
        raise NotPrepared(f"cell {self.index} cannot be run before a call: {why}")


def _size(message: Message) -> int:
    buffers: list[Any] = message.body.get("buffers") or []
    return len(json.dumps(message.content, default=str)) + sum(map(len, buffers))
