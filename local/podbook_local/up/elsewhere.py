"""Lets the command line find servers whose data folders are not where it looks: `--data-dir`."""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from podbook_local.up.data_folder import DataFolder, FolderUnusable, data_root, is_held

_FOLDER: Final = ".elsewhere"


@contextlib.contextmanager
def findable(folder: DataFolder, environment: Mapping[str, str]) -> Iterator[None]:
    """Leave a note of the data folder for as long as it is served from.

    Where there is no home folder, or it may not be written, the server is found by --data-dir only.
    """
    note: Path | None = None
    with contextlib.suppress(FolderUnusable, OSError):
        root = data_root(environment)
        if folder.path.parent != root:
            root.joinpath(_FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
            name = hashlib.sha256(os.fsencode(folder.path)).hexdigest()[:16]
            note = root / _FOLDER / name
            note.write_bytes(os.fsencode(folder.path))
    try:
        yield
    finally:
        if note is not None:
            with contextlib.suppress(OSError):
                note.unlink(missing_ok=True)


def served(environment: Mapping[str, str]) -> Iterator[DataFolder]:
    """Yield every data folder that something is served from now, as far as it can be known."""
    root = data_root(environment)
    for path in sorted(root.glob("*")):
        if is_held(folder := DataFolder(path)):
            yield folder
    for note in sorted(root.joinpath(_FOLDER).glob("*")):
        with contextlib.suppress(OSError):
            folder = DataFolder(Path(os.fsdecode(note.read_bytes())))
            if is_held(folder):
                yield folder
            else:
                note.unlink(missing_ok=True)  # It was killed.


def serving(catalog: Path, environment: Mapping[str, str]) -> DataFolder | None:
    """Return the data folder of a server of this very catalog folder."""
    for folder in served(environment):
        with contextlib.suppress(OSError, KeyError):
            if os.path.samefile(folder.read_state()["catalog"], catalog):
                return folder
    return None
