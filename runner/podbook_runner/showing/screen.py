"""Keeps in the notebook what the kernel shows: nbclient's handling of messages, made safe."""

from collections.abc import Callable
from typing import Any, Final

from jupyter_client.blocking.client import BlockingKernelClient
from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode
from nbformat.v4 import new_output

from podbook_crds.resources.warning import Kind
from podbook_runner.cells.account import Cells
from podbook_runner.cells.notebook_text import NotebookText
from podbook_runner.cells.notes import Notes
from podbook_runner.cells.output_limits import CellOutputs, Room, shorten, size_of
from podbook_runner.cells.papermill_client import PapermillNotebookClient
from podbook_runner.cells_end import Raised
from podbook_runner.kernel.client import Message
from podbook_runner.reporting.saved import Saved
from podbook_runner.showing.displays import Displays
from podbook_runner.showing.shown import DISPLAYS, OUTPUTS, as_output, marked, mended

# Messages that say nothing which a notebook would show.
_SILENT: Final = frozenset({"status", "execute_input", "clear_output"})


class Screen(PapermillNotebookClient):  # type: ignore[misc]
    """What one cell after the other shows; whatever a message is like, the run goes on."""

    def __init__(
        self,
        cells: Cells,
        *,
        client: BlockingKernelClient,
        text: NotebookText,
        notes: Notes,
        touched: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Touched is told the index of each cell that may show something else now."""
        super().__init__(cells)
        self.kc = client
        self.saved = Saved()
        # The errors that the cell shows, as they came, its tracebacks whole.
        self.errors: list[Raised] = []
        self._text = text
        self._notes = notes
        self._touched = touched
        self._room = Room()
        self._displays = Displays()
        self._shown: CellOutputs | None = None
        self._cell: NotebookNode | None = None
        self._index = 0

    def begin(self, cell: NotebookNode, index: int) -> None:
        """Take it that a cell begins: what it showed before is gone."""
        self.finish()
        cell.outputs, cell.metadata["execution"] = [], {}
        self.clear_before_next_output = False
        self.errors = []
        self._cell, self._index = cell, index
        self._shown = CellOutputs(cell.outputs, self._room, forget=self._displays.forget)

    def finish(self) -> None:
        """Take it that the cell shows nothing more."""
        if self._shown is None:
            return
        self._shown.finish()
        for sentence in self._shown.left_out:
            self._notes.add(Kind.OUTPUT_CLIPPED, sentence, cell=self._index)
        self._shown = None

    def settle(self) -> None:
        """Bring the running cell's outputs up to date, to be told or saved."""
        if self._shown is not None:
            self._shown.settle()

    def take(self, message: Message) -> None:
        """Keep what a message of the running cell shows."""
        if message.channel != "iopub" or self._cell is None:
            return
        self._touched(self._index)
        if message.problem:
            self._replace(message.kind, message.problem)
            return
        content, problems = mended(message.kind, message.content)
        for problem in problems:
            self._notes.add(Kind.OUTPUT_UNREADABLE, problem, cell=self._index)
        self._keep(message, content)

    def raised(self, raised: Raised) -> None:
        """Show what a cell raised; a magic may fail without showing its error."""
        if self._cell is not None and not any(o.output_type == "error" for o in self._cell.outputs):
            error = new_output(
                "error", ename=raised.name, evalue=raised.value, traceback=raised.traceback
            )
            shorten(error, 0)
            self._cell.outputs.append(error)

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
        kind, content = msg["msg_type"], msg["content"]
        if kind not in OUTPUTS:
            return None
        if self.clear_before_next_output:
            self._clear()
            self.clear_before_next_output = False
        if kind == "error":
            self.errors.append(Raised(content["ename"], content["evalue"], content["traceback"]))
        kept = self._shown.add(as_output(kind, content))
        if display_id:
            self._displays.keep(display_id, cell_index, kept)
        return kept

    def clear_output(self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int) -> None:
        """Forget the cell's outputs, at once or with the next one."""
        had = list(outs)
        super().clear_output(outs, msg, cell_index)
        if had and not outs:
            outs[:] = had
            self._clear()

    def _clear(self) -> None:
        self.errors.clear()
        if self._shown is not None:
            self._shown.clear()

    def _keep(self, message: Message, content: dict[str, Any]) -> None:
        self.saved.hear(content, message.body["header"])
        if message.kind in DISPLAYS:
            self._update(content)
        try:
            self.process_message({**message.body, "content": content}, self._cell, self._index)
        except CellExecutionComplete:
            pass
        # What widgets say has no schema: nbclient raises whatever it trips over.
        except Exception as error:
            said = f"a {message.kind} of the kernel was left out: {type(error).__name__}: {error}"
            self._notes.add(Kind.OUTPUT_UNREADABLE, said, cell=self._index)

    def _replace(self, kind: str, problem: str) -> None:
        """Show that something is missing, where it would have been shown."""
        sentence = f"a message of the kernel was left out: {problem}"
        self._notes.add(Kind.OUTPUT_UNREADABLE, sentence, cell=self._index)
        silent = kind in _SILENT or kind.startswith("comm")
        if self._shown is not None and not silent:
            self._shown.add(marked(sentence))

    def _update(self, content: dict[str, Any]) -> None:
        places = self._displays.of(content["transient"].get("display_id", ""))
        if not places:
            return
        new = as_output("update_display_data", content)
        shorten(new, max(self._room.for_cell(), size_of(places[0][1])))
        for index, output in places:
            output["data"], output["metadata"] = new["data"], new["metadata"]
            self._text.reopen(index)
            self._touched(index)
            if self._shown is not None:
                self._shown.resized(output)
