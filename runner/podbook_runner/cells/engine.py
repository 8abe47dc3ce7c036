"""Runs the cells: papermill's client over nbclient, on a kernel that is already there."""

from dataclasses import dataclass, replace
from typing import Final

from nbformat import NotebookNode

from podbook_crds.log.cells import is_to_run
from podbook_crds.resources.warning import Kind
from podbook_runner.cells.account import Cells
from podbook_runner.cells.notes import Notes
from podbook_runner.cells.prepared import Prepared
from podbook_runner.cells_end import CellsEnd, End, Raised, asked_for_input, asks_to_end, cause
from podbook_runner.events.teller import Teller
from podbook_runner.kernel.client import Kernel, KernelDied, Message
from podbook_runner.kernel.exits import ShellExits
from podbook_runner.kernel.memory import Memory
from podbook_runner.kernel.request import Turn
from podbook_runner.showing.screen import Screen
from podbook_runner.stops import Stop, Stops

_END_OF_STOP: Final = {Stop.SIGNAL: End.STOPPED, Stop.DEADLINE: End.DEADLINE}


class Stopped(Exception):
    """The run was ended from outside while a cell ran."""

    def __init__(self, stop: Stop, *, answered: bool) -> None:
        super().__init__(stop)
        self.stop = stop
        # Whether the interrupted cell ended: only then does the kernel listen again.
        self.answered = answered


@dataclass(frozen=True, slots=True)
class Beside:
    """What is asked and told beside the messages of the cells."""

    language: str
    memory: Memory
    exits: ShellExits
    notes: Notes
    teller: Teller
    prepared: Prepared


class CellRunner:
    """The cells of one notebook, run in order, while the kernel is watched for its death."""

    def __init__(
        self, account: Cells, screen: Screen, kernel: Kernel, stops: Stops, beside: Beside
    ) -> None:
        self._account = account
        self._cells: list[NotebookNode] = account.nb.cells
        self._screen = screen
        self._kernel = kernel
        self._stops = stops
        self._beside = beside

    def run(self) -> CellsEnd:
        """Run the cells in order until one ends the run; the notebook shows how far it got."""
        self._account.notebook_start()
        try:
            return self._run_all()
        finally:
            # Also of a run that failed: a bar's text is as it was when it was made.
            self._screen.set_widgets_metadata()
            self._account.notebook_complete()

    def _run_all(self) -> CellsEnd:
        to_run = [index for index, cell in enumerate(self._cells) if is_to_run(cell)]
        for completed, index in enumerate(to_run):
            cell = self._cells[index]
            self._account.cell_start(cell, index)
            try:
                end = self._run_and_judge(cell, index)
            finally:
                self._account.cell_complete(cell, index)
            if end is not None:
                done = completed + (end.end is End.COMPLETED)
                self._note_skipped(end, index, len(to_run) - done)
                return replace(end, total=len(to_run), completed=done)
        return CellsEnd(End.COMPLETED, total=len(to_run), completed=len(to_run))

    def _note_skipped(self, end: CellsEnd, index: int, skipped: int) -> None:
        if end.end is End.COMPLETED and skipped:
            said = f"cell {index} ended the notebook: {skipped} of its cells did not run"
            self._beside.notes.add(Kind.CELLS_SKIPPED, said, cell=index)

    def _run_and_judge(self, cell: NotebookNode, index: int) -> CellsEnd | None:
        """Run one cell; return how it ended the run, or None where the next one follows."""
        try:
            turn = self._run_cell(cell, index)
        except KernelDied:
            self._account.cell_exception(cell, index)
            said = self._beside.memory.sentence()
            return CellsEnd(End.KERNEL_DIED, index, kernel_idle=False, memory=said)
        except Stopped as stopped:
            self._account.cell_exception(cell, index)
            return CellsEnd(_END_OF_STOP[stopped.stop], index, kernel_idle=stopped.answered)
        raised, ends = self._judged(turn, cell)
        idle = turn.reply is not None
        if raised is None or "raises-exception" in cell.metadata.get("tags", []):
            return CellsEnd(End.COMPLETED, index, kernel_idle=idle) if ends else None
        self._screen.raised(raised)
        self._account.cell_exception(cell, index)
        return CellsEnd(End.RAISED, index, raised, kernel_idle=idle)

    def _run_cell(self, cell: NotebookNode, index: int) -> Turn:
        """Run one cell to its end. Raises KernelDied and Stopped."""
        if (stop := self._stops.reason()) is not None:
            raise Stopped(stop, answered=True)
        self._screen.begin(cell, index)
        before = self._beside.prepared.get(index)
        turn = Turn(self._kernel.execute(cell.source) if before is None else before.request)
        try:
            for message in () if before is None else before.messages:
                self._hear(message, turn)
            if before is None:
                self._listen(turn)
        finally:
            self._screen.finish()
        return turn

    def _judged(self, turn: Turn, cell: NotebookNode) -> tuple[Raised | None, bool]:
        """Return what the cell raised, and whether it ended the notebook on purpose."""
        reply = turn.answer()
        raised = cause(reply, self._screen.errors)
        if turn.asked is not None:
            traceback = raised.traceback if raised else []
            return asked_for_input(turn.asked.get("prompt"), traceback), False
        status = self._beside.exits.status(cell)
        if raised is None and status not in (None, "", "0"):
            raised = Raised("exit", f"the shell ended with status {status}")
        return raised, status is not None or asks_to_end(reply)

    def _listen(self, turn: Turn) -> None:
        """Take what the cell shows until the kernel has answered and is idle again."""
        while not turn.is_over():
            if turn.stop is None and (stop := self._stops.reason()) is not None:
                self._kernel.interrupt()
                turn.interrupted(stop)
            news = self._beside.teller.seconds_left()
            patience = turn.patience(self._stops.seconds_left(), news=news)
            try:
                for message in self._kernel.listen(patience):
                    self._hear(message, turn)
            except KernelDied:
                if turn.reply is None:
                    raise
                break
            self._stops.acknowledge()
            if turn.stop is None:
                self._beside.memory.ask_if_due()
            self._beside.teller.tell_if_due(self._screen.settle)
        if turn.stop is not None:
            raise Stopped(turn.stop, answered=turn.reply is not None)

    def _hear(self, message: Message, turn: Turn) -> None:
        # What is broken may not tell whose it is; a kernel runs one cell at a time.
        if message.parent != turn.request and not (message.problem and not message.parent):
            self._beside.memory.hear(message)
            return
        asked_before = turn.asked is not None
        turn.hear(message)
        self._screen.take(message)
        if turn.asked is not None and not asked_before:
            self._kernel.refuse_input(language=self._beside.language)
