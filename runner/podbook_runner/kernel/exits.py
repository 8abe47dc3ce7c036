"""Learns from Bash itself that it ended in a cell: its kernel starts another and says nothing."""

import shlex
from typing import Final

from nbformat import NotebookNode

from podbook_crds.names import KERNEL_FOLDER
from podbook_runner.files.safe_files import UnsafeFile, open_beneath
from podbook_runner.files.work_folder import WorkFolder

EXIT_FILE: Final = f"{KERNEL_FOLDER}/exit"

# What bash_kernel prints, with no line end, where its shell has ended and it starts another.
_ANOTHER_SHELL: Final = "Restarting Bash"
_STATUS_SIZE: Final = 8


class ShellExits:
    """Notices that Bash ended in a cell: its kernel starts another one and says nothing of it."""

    def __init__(self, place: WorkFolder, *, language: str) -> None:
        self._place = place
        self._is_shell = language.lower() == "bash"

    def status(self, cell: NotebookNode) -> str | None:
        """Return the status that the shell ended with, None where it did not end.

        "" where it never told: the cell took the trap away, or replaced the shell.
        """
        if not self._is_shell:
            return None
        try:
            with open_beneath(self._place.root, EXIT_FILE) as file:
                return file.read(_STATUS_SIZE).decode("ascii", "replace")
        except (OSError, UnsafeFile):
            return "" if _is_another(cell) else None


def trap(place: WorkFolder) -> str:
    """Return the code that lets Bash leave its status behind."""
    file = shlex.quote(str(place.root / EXIT_FILE))
    return f"trap {shlex.quote(f'printf %s $? > {file}')} EXIT"


def _is_another(cell: NotebookNode) -> bool:
    printed = [o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout"]
    return bool(printed) and printed[-1].rstrip("\r\n").endswith(_ANOTHER_SHELL)
