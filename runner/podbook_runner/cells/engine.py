"""Runs the cells: papermill's client over nbclient, on a kernel that is already there."""

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output, output_from_msg

from podbook_runner.cells.notebook_text import NotebookText
from podbook_runner.cells.output_limits import CellOutputs, Room
from podbook_runner.cells.papermill_client import NotebookExecutionManager, PapermillNotebookClient
from podbook_runner.cells_end import CellsEnd, End, Raised, asks_to_end, raised_by
from podbook_runner.kernel.client import Kernel, KernelDied, Message
from podbook_runner.kernel.memory import Memory
from podbook_runner.kernel.request import Turn
from podbook_runner.stops import Stop, Stops

_UPDATES: Final = frozenset({"display_data", "execute_result", "update_display_data"})
_END_OF_STOP: Final = {Stop.SIGNAL: End.STOPPED, Stop.DEADLINE: End.DEADLINE}

OnProgress = Callable[[int, int, int | None], None]


class Stopped(Exception):
    """The run was ended from outside while a cell ran."""

    def __init__(self, stop: Stop, *, answered: bool) -> None:
        super().__init__(stop)
        self.stop = stop
        # Whether the interrupted cell ended: only then does the kernel listen again.
        self.answered = answered


class Cells(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's account of the cells, saved when a checkpoint is due, not twice per cell."""

    def __init__(
        self, nb: NotebookNode, *, text: NotebookText, checkpoint: Callable[[], None]
    ) -> None:
        super().__init__(nb, progress_bar=False)
        self._text = text
        self._checkpoint = checkpoint

    def cell_complete(self, cell: NotebookNode, cell_index: int) -> None:
        """Close the account of one cell: it does not change any more."""
        super().cell_complete(cell, cell_index)
        self._text.finish(cell_index)

    def save(self, **_: Any) -> None:
        """Take a checkpoint if one is due."""
        self._checkpoint()

    def autosave_cell(self) -> None:
        """Take a checkpoint if one is due: papermill asks after every message."""
        self._checkpoint()

    def notebook_complete(self, **_: Any) -> None:
        """Close the account; papermill's own would call cells completed that never ran."""
        self.end_time = self.now()
        self.nb.metadata.papermill["end_time"] = self.end_time.isoformat()
        self.nb.metadata.papermill["duration"] = (self.end_time - self.start_time).total_seconds()


class CellClient(PapermillNotebookClient):  # type: ignore[misc]
    """nbclient's handling of messages, on sockets that are watched for the kernel's death."""

    def __init__(
        self,
        cells: Cells,
        *,
        kernel: Kernel,
        stops: Stops,
        text: NotebookText,
        memory: Memory,
        on_progress: OnProgress,
    ) -> None:
        super().__init__(cells)
        self.kc = kernel.client
        self._kernel = kernel
        self._stops = stops
        self._text = text
        self._memory = memory
        self._on_progress = on_progress
        self._room = Room()
        self._shown: CellOutputs | None = None
        # References, not places: outputs that are left out move the others.
        self._displays: dict[str, list[tuple[int, NotebookNode]]] = defaultdict(list)

    def run(self) -> CellsEnd:
        """Run the cells in order until one ends the run; the notebook shows how far it got."""
        self.nb_man.notebook_start()
        try:
            return self._run_all()
        finally:
            self.nb_man.notebook_complete()

    def _run_all(self) -> CellsEnd:
        total = sum(is_to_run(cell) for cell in self.nb.cells)
        completed = 0
        for index, cell in enumerate(self.nb.cells):
            if not is_to_run(cell):
                continue
            self._on_progress(total, completed, index)
            self.nb_man.cell_start(cell, index)
            try:
                end = self._run_and_judge(cell, index)
            finally:
                self.nb_man.cell_complete(cell, index)
            completed += end is None or end.end is End.COMPLETED
            if end is not None:
                return replace(end, total=total, completed=completed)
        self.set_widgets_metadata()
        return CellsEnd(End.COMPLETED, total=total, completed=completed)

    def _run_and_judge(self, cell: NotebookNode, index: int) -> CellsEnd | None:
        """Run one cell; return how it ended the run, or None where the next one follows."""
        try:
            reply = self._run_cell(cell, index)
        except KernelDied:
            self.nb_man.cell_exception(cell, index)
            said = self._memory.sentence()
            return CellsEnd(End.KERNEL_DIED, index, kernel_idle=False, memory=said)
        except Stopped as stopped:
            self.nb_man.cell_exception(cell, index)
            return CellsEnd(_END_OF_STOP[stopped.stop], index, kernel_idle=stopped.answered)
        if asks_to_end(reply):
            return CellsEnd(End.COMPLETED, index)
        raised = raised_by(reply)
        if raised is None or "raises-exception" in cell.metadata.get("tags", []):
            return None
        self._show(cell, raised)
        self.nb_man.cell_exception(cell, index)
        return CellsEnd(End.RAISED, index, raised)

    def _run_cell(self, cell: NotebookNode, index: int) -> dict[str, Any]:
        """Run one cell; return its reply. Raises KernelDied and Stopped."""
        if (stop := self._stops.reason()) is not None:
            raise Stopped(stop, answered=True)
        cell.outputs = []
        cell.metadata["execution"] = {}
        self.clear_before_next_output = False
        self._shown = CellOutputs(cell.outputs, self._room)
        try:
            return self._answer(self._kernel.execute(cell.source), cell, index)
        finally:
            self._shown.finish()

    def _answer(self, request: str, cell: NotebookNode, index: int) -> dict[str, Any]:
        """Take what the cell shows until the kernel has answered and is idle again."""
        turn = Turn(request)
        while not turn.is_over():
            if turn.stop is None and (stop := self._stops.reason()) is not None:
                self._kernel.interrupt()
                turn.interrupted(stop)
            try:
                for message in self._kernel.listen(turn.patience(self._stops.seconds_left())):
                    if message.parent == request:
                        turn.hear(message)
                        self._take(message, cell, index)
                    else:
                        self._memory.hear(message)
            except KernelDied:
                if turn.reply is None:
                    raise
                break
            self._stops.acknowledge()
            if turn.stop is None:
                self._memory.ask_if_due()
            self.nb_man.autosave_cell()
        if turn.stop is not None:
            raise Stopped(turn.stop, answered=turn.reply is not None)
        return turn.reply or {}

    def _take(self, message: Message, cell: NotebookNode, index: int) -> None:
        """Let nbclient keep in the notebook what the kernel shows."""
        if message.channel == "iopub":
            if message.kind in _UPDATES:
                self._update_displays(message.content)
            with suppress(CellExecutionComplete):
                self.process_message(message.body, cell, index)

    def output(
        self,
        outs: list[NotebookNode],
        msg: dict[str, Any],
        display_id: str | None,
        cell_index: int,
    ) -> NotebookNode | None:
        """Keep one output of the cell, within the limits; nbclient calls it for each."""
        if self._shown is None or self.output_hook_stack[msg["parent_header"].get("msg_id")]:
            hooked: NotebookNode | None = super().output(outs, msg, display_id, cell_index)
            return hooked
        try:
            new = output_from_msg(msg)
        except ValueError:  # A message of a kind that is no output.
            return None
        if self.clear_before_next_output:
            self._shown.clear()
            self.clear_before_next_output = False
        kept = self._shown.add(new)
        if display_id:
            self._displays[display_id].append((cell_index, kept))
        return kept

    def clear_output(self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int) -> None:
        """Forget the cell's outputs, at once or with the next one."""
        super().clear_output(outs, msg, cell_index)
        if self._shown is not None and not outs:
            self._shown.clear()

    def settle(self) -> None:
        """Bring the running cell's outputs up to date, for a checkpoint."""
        if self._shown is not None:
            self._shown.settle()

    def _update_displays(self, content: dict[str, Any]) -> None:
        display = (content.get("transient") or {}).get("display_id")
        for index, output in self._displays.get(display, ()) if display else ():
            self._text.reopen(index)
            output["data"] = from_dict(content.get("data") or {})
            output["metadata"] = from_dict(content.get("metadata") or {})

    def _show(self, cell: NotebookNode, raised: Raised) -> None:
        """A magic may fail without showing its error: the notebook shows it all the same."""
        if not any(output.output_type == "error" for output in cell.outputs):
            cell.outputs.append(
                new_output(
                    "error", ename=raised.name, evalue=raised.value, traceback=raised.traceback
                )
            )


def is_to_run(cell: NotebookNode) -> bool:
    """Tell whether a cell is code that is meant to run."""
    return (
        cell.cell_type == "code"
        and bool(cell.source.strip())
        and "skip-execution" not in cell.metadata.get("tags", [])
    )
