"""Looks through a whole folder, and returns every mistake that would be told of it anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from podbook_catalog import interpreter as interpreters
from podbook_catalog.checks.examples import of_examples
from podbook_catalog.checks.faults import (
    Fault,
    of_defaults,
    of_entry,
    of_keywords,
    of_settings,
)
from podbook_catalog.checks.strays import of_strays
from podbook_catalog.checks.unmasked import of_unmasked
from podbook_catalog.entries.catalog_entry import Entry
from podbook_catalog.folder.scan import LOCK_FILE, SETTINGS_FILE
from podbook_catalog.interpreter import NoInterpreter
from podbook_catalog.locked.locking import not_current
from podbook_catalog.locked.locks import Locks
from podbook_catalog.settings.errors import Mistaken
from podbook_catalog.settings.podbook_toml import read_settings
from podbook_catalog.snapshot import Snapshot, read_snapshot


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look through a folder came to."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def errors(self) -> list[Fault]:
        """Those that keep something from working."""
        return [fault for fault in self.faults if fault.is_error]


def check_folder(root: Path, *, python: Path | None, environment: Mapping[str, str]) -> Checked:
    """Return the folder's notebooks and their mistakes, by file and place.

    python is what was named on the command line. Raises NoInterpreter where that runs no kernels,
    OSError where the folder cannot be read.
    """
    try:
        settings = read_settings(root)
    except Mistaken as error:
        return Checked(faults=of_settings(str(error)))
    try:
        chosen = interpreters.choose(
            root, option=python, setting=settings.python, environment=environment
        )
    except NoInterpreter as error:
        if python is not None:
            raise
        said = str(error).removeprefix(f"{SETTINGS_FILE}: ")
        return Checked(faults=[Fault(SETTINGS_FILE, "/python", said)])
    locks = Locks.of(root)
    snapshot = read_snapshot(
        root, interpreter=chosen, environment=environment, is_local=True, locks=locks
    )
    found = [Fault("", "", sentence, is_error=False) for sentence in snapshot.warnings]
    for entry in snapshot.entries:
        found += of_entry(entry)
        if not entry.spec.problem:
            found += [*of_defaults(entry), *of_keywords(entry), *of_examples(entry)]
            found += of_unmasked(entry)
    found += [*_of_lock(snapshot, locks), *of_strays(root, settings.skip)]
    return Checked(snapshot.entries, sorted(found, key=lambda f: (f.file, f.line, f.pointer)))


def _of_lock(snapshot: Snapshot, locks: Locks) -> list[Fault]:
    """Tell where a lock file that is there is not what the folder is now."""
    if locks.problem:
        return [Fault(LOCK_FILE, "", locks.problem.removeprefix(f"{LOCK_FILE}: "))]
    said = not_current(snapshot, locks.file) if locks.file is not None else ()
    return [Fault(LOCK_FILE, "", f"{each}: `podbook render DIR --lock` writes it") for each in said]
