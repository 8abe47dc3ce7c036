"""A catalog folder whose entries can be read without any cluster."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from podbook_catalog.entries.catalog_entry import Entry, read_entry
from podbook_catalog.entries.reading import Place
from podbook_catalog.folder.scan import scan
from podbook_catalog.interpreter import Interpreter
from podbook_catalog.models.shared_models import SharedModels
from podbook_catalog.settings.podbook_toml import read_settings
from podbook_catalog.target.blobs import Blobs
from rig.ipynb import notebook

PYTHON = Interpreter(Path(sys.executable), Path(sys.prefix), "3", "the tests")


@dataclass(frozen=True)
class Catalog:
    """The folder, and the store that its blobs go to."""

    root: Path
    store: Path
    environment: dict[str, str]

    def write(self, path: str, content: Any = "") -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content if isinstance(content, str) else json.dumps(content))
        return target

    def put(self, path: str, config: Any = None, **arguments: Any) -> None:
        """Write a notebook of one cell, and its config where there is one."""
        self.write(path, notebook(arguments.pop("cell", "1"), **arguments))
        if config is not None:
            self.write(path.replace(".ipynb", ".config.json"), config)

    def read(self, path: str, *, last_id: str | None = None) -> Entry:
        """Return the entry of the notebook as a pass over the folder reads it."""
        settings = read_settings(self.root)
        place = Place(
            self.root,
            scan(self.root, skip=settings.skip),
            settings.for_notebooks(),
            Blobs(self.store),
            SharedModels(self.root, PYTHON, self.environment, settings.models),
            PYTHON,
            self.environment,
        )
        return read_entry(PurePosixPath(path), place, last_id=last_id)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    for name in ("notebooks", "store", "home"):
        (tmp_path / name).mkdir()
    environment = {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
    return Catalog(tmp_path / "notebooks", tmp_path / "store", environment)
