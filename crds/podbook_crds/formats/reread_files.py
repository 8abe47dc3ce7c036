"""Reads a configuration file again when it changes, for whoever is configured by it."""

import logging
from pathlib import Path
from typing import Generic, TypeVar

import yaml
from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)

_log = logging.getLogger(__name__)


class RereadFile(Generic[M]):
    """A YAML or JSON file as it stands now; a broken edit keeps what held before."""

    def __init__(self, path: Path | None, model: type[M]) -> None:
        self._path = path
        self._model = model
        self._stamp: tuple[int, int] | None = None
        self.current = model()

    def refresh(self) -> bool:
        """Read the file if it changed; tell whether anything else holds now."""
        if self._path is None or not self._is_changed(self._path):
            return False
        before = self.current
        try:
            read = yaml.safe_load(self._path.read_text()) or {}
            self.current = self._model.model_validate(read)
        except (OSError, yaml.YAMLError, ValueError) as error:  # Also a date that is none.
            _log.warning("%s: not usable, what held before holds on: %s", self._path, error)
        return self.current != before

    def _is_changed(self, path: Path) -> bool:
        try:
            stat = path.stat()
        except OSError:
            return False
        stamp = (stat.st_mtime_ns, stat.st_ino)
        changed, self._stamp = stamp != self._stamp, stamp
        return changed
