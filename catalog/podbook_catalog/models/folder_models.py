"""Knows when the shared models of a folder have to be read anew."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from podbook_catalog.folder.scan import Scan
from podbook_catalog.interpreter import Interpreter
from podbook_catalog.models.shared_models import SharedModels


class FolderModels:
    """The models of a folder: any file but notebooks and configs may be part of them."""

    def __init__(
        self, root: Path, interpreter: Interpreter, environment: Mapping[str, str]
    ) -> None:
        self.shared = SharedModels(root, interpreter, environment)
        # Another number where what they say may be other than before.
        self.version = 0
        self._read_from: tuple[Any, ...] = ()

    def begin(self, modules: list[str], found: Scan, *, changed: bool) -> None:
        """Begin a pass over what was found: read them anew where a file of theirs changed.

        Where nothing changed, what is being read goes on.
        """
        states = {path.as_posix(): found.states[path.as_posix()] for path in found.files}
        read_from = (found.root, modules, states)
        if changed and read_from != self._read_from:
            self._read_from = read_from
            self.version += 1
            self.shared.begin(modules)
            return
        if self.shared.is_waiting and (not changed or self.shared.has_news):
            self.version += 1
        self.shared.begin_again()
