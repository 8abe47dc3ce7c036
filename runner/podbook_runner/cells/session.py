"""One notebook's cells on one kernel, with the checkpoints and the progress that go with them."""

import logging
import time

from nbformat import NotebookNode

from podbook_runner.cells.account import Cells
from podbook_runner.cells.checkpoints import Checkpoints
from podbook_runner.cells.engine import Beside, CellRunner
from podbook_runner.cells.notebook_text import NotebookText
from podbook_runner.cells.notes import Notes
from podbook_runner.cells.progress import Progress
from podbook_runner.cells_end import CellsEnd, End
from podbook_runner.files.work_folder import WorkFolder
from podbook_runner.handing_in.intake import Gone, Intake, Rejected, Unreachable, Upload
from podbook_runner.handing_in.retries import Until
from podbook_runner.handing_in.saved import Saved
from podbook_runner.kernel.client import Kernel
from podbook_runner.kernel.exits import ShellExits
from podbook_runner.kernel.memory import Memory
from podbook_runner.showing.screen import Screen
from podbook_runner.stops import Stops

_log = logging.getLogger(__name__)


class Session:
    """The cells of a notebook, to be run once; it is changed in place."""

    def __init__(
        self,
        notebook: NotebookNode,
        kernel: Kernel,
        stops: Stops,
        intake: Intake,
        until: Until,
        *,
        language: str,
        place: WorkFolder,
        notes: Notes,
    ) -> None:
        self._intake = intake
        self._until = until
        self._text = NotebookText(notebook)
        self._checkpoints = Checkpoints(self.render, self._send)
        self._progress = Progress(intake)
        account = Cells(notebook, text=self._text, checkpoint=self._checkpoints.take_if_due)
        self._screen = Screen(account, client=kernel.client, text=self._text, notes=notes)
        beside = Beside(
            language=language,
            memory=Memory(kernel.ask_what_it_uses, language=language),
            exits=ShellExits(place, language=language),
            notes=notes,
            on_progress=self._progress,
        )
        self._cells = CellRunner(account, self._screen, kernel, stops, beside)

    @property
    def saved(self) -> Saved:
        """What save_output showed."""
        return self._screen.saved

    def run(self) -> CellsEnd:
        """Run the cells; return how they ended, also where that is a fault of ours.

        What is there of the notebook then is kept like that of any other end.
        """
        try:
            return self._cells.run()
        except Exception as error:
            _log.exception("the runner failed while cells ran")
            said = f"the runner failed while cells ran: {type(error).__name__}: {error}"
            return CellsEnd(End.FAULT, kernel_idle=False, fault=said)
        finally:
            self._progress.end()

    def render(self) -> bytes:
        """Return the notebook's text as far as it got."""
        self._screen.settle()
        return self._text.render()

    def wait(self) -> None:
        """Wait until no checkpoint is on its way: an old one must not overtake the last."""
        self._checkpoints.wait(max(0.0, self._until() - time.monotonic()))

    def _send(self, upload: Upload) -> None:
        try:
            self._intake.upload(upload, until=time.monotonic)  # One try: the next is newer.
        except (Gone, Rejected, Unreachable, OSError) as error:
            _log.warning("a checkpoint was not stored: %s", error)
