"""One notebook's cells on one kernel, with what is told of them while they run."""

import logging

from nbformat import NotebookNode

from podbook_crds.log.cells import is_to_run
from podbook_runner.cells.account import Cells
from podbook_runner.cells.engine import Beside, CellRunner
from podbook_runner.cells.notebook_text import NotebookText
from podbook_runner.cells.notes import Notes
from podbook_runner.cells.prepared import Prepared
from podbook_runner.cells_end import CellsEnd, End
from podbook_runner.events.sender import Sender
from podbook_runner.events.teller import Teller
from podbook_runner.files.work_folder import WorkFolder
from podbook_runner.kernel.client import Kernel
from podbook_runner.kernel.exits import ShellExits
from podbook_runner.kernel.memory import Memory
from podbook_runner.reporting.intake import Intake
from podbook_runner.reporting.retries import Until
from podbook_runner.reporting.saved import Saved
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
        prepared: Prepared,
    ) -> None:
        """Prepared are the cells that have run already."""
        self._until = until
        self._text = NotebookText(notebook)
        to_run = [index for index, cell in enumerate(notebook.cells) if is_to_run(cell)]
        self._teller = Teller(notebook, to_run, Sender(intake))
        account = Cells(notebook, text=self._text, teller=self._teller, prepared=prepared.keys())
        self._screen = Screen(
            account, client=kernel.client, text=self._text, notes=notes, touched=self._teller.touch
        )
        beside = Beside(
            language=language,
            memory=Memory(kernel.ask_what_it_uses, language=language),
            exits=ShellExits(place, language=language),
            notes=notes,
            teller=self._teller,
            prepared=prepared,
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

    def render(self) -> bytes:
        """Return the notebook's text as far as it got."""
        self._screen.settle()
        return self._text.render()

    def tell_the_end(self) -> None:
        """Tell what was not told yet, and wait until it is stored: the result comes after it."""
        self._teller.end(until=self._until)
