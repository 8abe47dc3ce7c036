"""Writes podbook.lock.json: what a cluster cannot find out of a folder without running it."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from podbook_cli.exits import BadInput
from podbook_cli.shipping.reading import read_folder
from podbook_crds.formats.whole_files import write_whole

if TYPE_CHECKING:
    from podbook_catalog.locked.lock_file import LockFile
    from podbook_catalog.locked.locks import Locks
    from podbook_catalog.snapshot import Snapshot


def write_lock(folder: Path, *, python: Path | None) -> "tuple[Snapshot, LockFile]":
    """Write the folder's lock file, if that is another by now; raises BadInput.

    What is locked already stays as it is: take the file away to have it resolved anew.
    """
    from podbook_catalog.environments.uv import CannotMake
    from podbook_catalog.folder.scan import LOCK_FILE
    from podbook_catalog.locked.locks import Locks

    before = Locks.of(folder)
    # It may be broken, or say what was: the folder is read as if there were none.
    snapshot = read_folder(folder, python, locks=Locks(None))
    try:
        file = _locked(snapshot, before)
        if file.is_empty and before.file is None and not before.problem:
            sys.stderr.write(f"{folder} has nothing to lock: no shared models, no requirements\n")
        elif file != before.file:
            write_whole(folder / LOCK_FILE, file.text, newline="\n")
            sys.stderr.write(f"wrote {folder / LOCK_FILE}: commit it with the notebooks\n")
    except CannotMake as error:
        raise BadInput(str(error)) from error
    except OSError as error:
        raise BadInput(f"{folder / LOCK_FILE} cannot be written: {error.strerror}") from error
    return snapshot, file


def _locked(snapshot: "Snapshot", before: "Locks") -> "LockFile":
    from podbook_catalog.environments.dockerfile import PYTHON
    from podbook_catalog.environments.uv import Uv
    from podbook_catalog.locked.locking import locked

    uv = Uv(os.environ)
    return locked(
        snapshot, before.file, lock=lambda needs: uv.lock_anywhere(needs.requirements, PYTHON)
    )
