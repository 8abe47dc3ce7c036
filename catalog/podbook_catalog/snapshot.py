"""Reads a folder once and whole, for commands that check, compare, push or print it.

The same entries as those that `podbook up` serves, made by the same code; nothing is written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from podbook_catalog.complaints import of_files, of_scan
from podbook_catalog.entries.catalog_entry import Entry, read_entry
from podbook_catalog.entries.reading import Place
from podbook_catalog.environments.needs import Needs
from podbook_catalog.folder.scan import Scan, scan
from podbook_catalog.interpreter import Interpreter
from podbook_catalog.locked.locks import LockedModels, Locks
from podbook_catalog.models.model_reading import LIMIT_SECONDS, Models
from podbook_catalog.models.shared_models import FoundBy, SharedModels
from podbook_catalog.settings.podbook_toml import Settings, read_settings
from podbook_catalog.target.digests import Digests
from podbook_crds.names import label_value


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A catalog folder as it was at one moment."""

    root: Path
    settings: Settings
    # By id; one that cannot run says so in its spec's `problem`.
    entries: list[Entry] = field(default_factory=list)
    # Sentences about everything else that people should know.
    warnings: list[str] = field(default_factory=list)
    blobs: Digests = field(default_factory=Digests)
    # What notebooks say they need, by what their runtime says of it.
    needs: dict[str, Needs] = field(default_factory=dict)
    # Modules with shared models that were read, and the files that they were made of.
    modules: dict[FoundBy, tuple[Models, list[str]]] = field(default_factory=dict)
    # What the folder holds beside notebooks, configs and settings, in bytes.
    files: dict[PurePosixPath, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the catalog is called: podbook.toml says it, or else the folder."""
        return self.settings.name or catalog_name(self.root)

    @property
    def problems(self) -> dict[str, str]:
        """What is wrong with notebooks that cannot run, by their paths."""
        return {e.path.as_posix(): e.spec.problem for e in self.entries if e.spec.problem}


def catalog_name(root: Path) -> str:
    """Return what a catalog is called whose podbook.toml does not say."""
    name = root.resolve().name.strip("-_. ")
    return label_value(name) if name else "notebooks"


def read_snapshot(
    root: Path,
    *,
    interpreter: Interpreter | None,
    environment: Mapping[str, str],
    is_local: bool,
    locks: Locks | None = None,
) -> Snapshot:
    """Return the folder's entries; raises Mistaken for podbook.toml, OSError for the folder.

    The interpreter reads shared models; without one nothing of the folder is run, and its
    podbook.lock.json says what they are. locks stands for that file, where it is not to be read.
    is_local: the runs will be on this machine, so that the kernels installed on it decide, as for
    `podbook up`; else only what the folder itself says.
    """
    settings = read_settings(root)
    found = scan(root, skip=settings.skip)
    blobs = Digests()
    locks = locks or Locks.of(root)
    models: SharedModels | LockedModels = LockedModels(root, settings.models, locks, found.files)
    if interpreter is not None:
        models = SharedModels(root, interpreter, environment, settings.models, LIMIT_SECONDS)
    place = Place(
        root,
        found,
        settings.for_notebooks(),
        blobs,
        models,
        interpreter if is_local else None,
        environment,
        locks=locks,
    )
    try:
        entries = _entries(place, found)
    finally:
        models.close()
    warnings = [*of_scan(found), *of_files(place.unread, place.left_out(None))]
    modules = models.found if isinstance(models, SharedModels) else {}
    return Snapshot(root, settings, entries, warnings, blobs, place.needs, modules, found.files)


def _entries(place: Place, found: Scan) -> list[Entry]:
    entries = []
    for path in sorted(found.notebooks):
        try:
            entries.append(read_entry(path, place))
        except FileNotFoundError:
            continue  # Gone while the folder was read.
    return sorted(_told_apart(entries), key=lambda entry: (entry.id, entry.path))


def _told_apart(entries: Iterable[Entry]) -> list[Entry]:
    """Say of every notebook after the first of one id that the id is taken."""
    holders: dict[str, Entry] = {}
    told = []
    for entry in entries:
        holder = holders.setdefault(entry.id, entry)
        if holder is not entry:
            problem = (
                f"the id {entry.id!r} is already that of {holder.path}; give one of them another id"
            )
            entry = replace(entry, spec=entry.spec.model_copy(update={"problem": problem}))  # noqa: PLW2901
        told.append(entry)
    return told
