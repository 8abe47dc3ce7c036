"""Keeps the cluster's Notebook resources as the folder is: reads and writes what changed."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from podbook_catalog.complaints import of_files, of_scan
from podbook_catalog.entries.memory import Memory
from podbook_catalog.entries.reading import Bases, LeftOut, Place
from podbook_catalog.environments.environments import Environments, environments_folder
from podbook_catalog.folder.scan import Scan, sorted_out
from podbook_catalog.folder.walk import State, Walk, identity, walk
from podbook_catalog.interpreter import Interpreter
from podbook_catalog.models.folder_models import FolderModels
from podbook_catalog.settings.errors import Mistaken
from podbook_catalog.settings.podbook_toml import Settings, read_settings
from podbook_catalog.target.blobs import Blobs
from podbook_catalog.target.resource_changes import changes, ids_by_path
from podbook_catalog.target.resources import Address, NotebookResources
from podbook_catalog.target.standing import Standing
from podbook_crds.resources.notebook import NotebookSpec

# What is read, and then written, before it is asked whether something newer has been saved.
_BATCH: Final = 16


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one pass over the folder came to."""

    # Ids of the notebooks that the cluster has, and what is wrong with those that cannot run.
    notebooks: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    # What each notebook that was read is like, by its id, and the files that they stand in.
    specs: dict[str, NotebookSpec] = field(default_factory=dict)
    paths: set[str] = field(default_factory=set)
    # Sentences about everything else that people should know.
    warnings: list[str] = field(default_factory=list)
    # Whether everything that the folder holds is read and written.
    is_complete: bool = True
    # Whether something was so young that it has to be looked at once more.
    is_unsettled: bool = False


@dataclass(slots=True)
class Outcome:
    """How far one pass has come."""

    # By the paths of files: sentences of the cluster, and ids that are taken.
    refused: dict[str, str] = field(default_factory=dict)
    duplicates: dict[str, str] = field(default_factory=dict)
    # Whether a notebook was gone or still being written when it was to be read.
    missed: bool = False
    is_complete: bool = False


class FolderLoader:
    """A catalog folder, and the resources that stand for it in the cluster."""

    def __init__(
        self,
        root: Path,
        *,
        store: Path,
        address: Address,
        interpreter: Interpreter,
        environment: Mapping[str, str],
    ) -> None:
        self._root = root
        self._blobs = Blobs(store)
        self._interpreter = interpreter
        self._environment = environment
        owner = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
        self._standing = Standing(NotebookResources(address, owner))
        self._settings = Settings()
        self._settings_version = 0
        self._models = FolderModels(root, interpreter, environment)
        self._environments = Environments(
            environments_folder(environment), interpreter.path, environment
        )
        self._memory = Memory()
        self._bases: Bases = {}
        # What the last pass found in the folder.
        self.walked = Walk()
        self._left_out: LeftOut | None = None
        self._unread: dict[PurePosixPath, tuple[State | None, str]] = {}

    @property
    def is_waiting(self) -> bool:
        """Tell whether models are still being read, or environments made: a pass will follow."""
        return self._models.shared.is_waiting or self._environments.is_waiting

    @property
    def has_news(self) -> bool:
        """Tell whether what the last pass did not wait for is there by now."""
        return self._models.shared.has_news or self._environments.has_news

    def close(self) -> None:
        """End what reads models; may be called by any thread."""
        self._models.shared.close()

    def walk(self) -> Walk:
        """Return what the folder holds just now; raises OSError where it cannot be read."""
        return walk(self._root, skip=self._settings.skip)

    def load(
        self, *, changed: bool = True, interrupted: Callable[[], bool] = lambda: False
    ) -> Loaded:
        """Read what changed and write what differs; raises ClusterUnavailable.

        What is new or was saved comes first, then what only carries another file that changed;
        between two steps `interrupted` is asked, and where it says so the rest is left to the next
        pass. While podbook.toml cannot be read, its last good settings hold.
        """
        warnings = self._read_settings()
        present = self._standing.read()
        try:
            self.walked = self.walk()
        except OSError as error:
            # A drive that is away for a moment must not cost the runs that wait their notebooks.
            sentence = f"{self._root} cannot be read ({error.strerror}): what was served stays"
            return Loaded(warnings=[sentence], is_complete=False)
        found = sorted_out(self.walked)
        self._models.begin(self._settings.models, found, changed=changed)
        self._environments.begin(changed=changed)
        place = self._begin(found, ids_by_path(present))
        outcome = self._carry_out(place, interrupted)
        return self._summary(place, outcome, [*warnings, *of_scan(found)])

    def _read_settings(self) -> list[str]:
        try:
            settings = read_settings(self._root)
        except Mistaken as error:
            return [str(error)]
        if settings != self._settings:
            self._settings = settings
            self._settings_version += 1
        return []

    def _begin(self, found: Scan, ids: Mapping[str, str]) -> Place:
        place = Place(
            self._root,
            found,
            self._settings.for_notebooks(),
            self._blobs,
            self._models.shared,
            self._interpreter,
            self._environment,
            self._environments,
            bases_before=self._bases,
        )
        self._memory.begin(
            place,
            settings_version=self._settings_version,
            models_version=self._models.version,
            ids=ids,
        )
        return place

    def _carry_out(self, place: Place, interrupted: Callable[[], bool]) -> Outcome:
        """Read and write step by step, as far as nothing newer comes in between."""
        outcome = Outcome()
        urgent = {path for path in place.scan.notebooks if self._memory.is_new(path)}
        others = [path for path in place.scan.notebooks if path not in urgent]
        for step in self._steps(sorted(urgent), others, outcome):
            if not self._is_still_there(place.scan):
                return outcome  # What was read may be of two folders, this one and its successor.
            self._write(place.scan, outcome)
            if step and interrupted():
                return outcome
        self._bases = place.bases
        outcome.is_complete = not outcome.missed
        return outcome

    def _steps(
        self, urgent: list[PurePosixPath], others: list[PurePosixPath], outcome: Outcome
    ) -> Iterator[int]:
        """Read; yield how much is left whenever there is something to be written, and 0 at last."""
        fresh, left = 0, len(urgent) + len(others)
        for path in (*urgent, *others):
            before = self._memory.entry(path)
            entry = self._memory.read(path)
            outcome.missed |= entry is None
            fresh += entry is not None and entry is not before
            left -= 1
            if fresh >= _BATCH or (fresh and left == len(others)):
                fresh = 0
                yield left
        yield 0

    def _write(self, found: Scan, outcome: Outcome) -> None:
        unread = {p.as_posix() for p in found.notebooks if self._memory.entry(p) is None}
        needed = changes(self._memory.entries(), self._standing.read(), unread=unread)
        outcome.duplicates = needed.duplicates
        outcome.refused |= self._standing.write(needed.without(outcome.refused))

    def _is_still_there(self, found: Scan) -> bool:
        try:
            return identity(self._root) == found.root
        except OSError:
            return False

    def _summary(self, place: Place, outcome: Outcome, warnings: list[str]) -> Loaded:
        states = place.scan.states
        fresh = {path: (states.get(path.as_posix()), why) for path, why in place.unread.items()}
        self._unread = fresh | {
            path: (state, why)
            for path, (state, why) in self._unread.items()
            if states.get(path.as_posix()) == state and path not in fresh
        }
        unread = {path: why for path, (_, why) in self._unread.items()}
        self._left_out = place.left_out(self._left_out)
        entries = self._memory.entries()
        problems = {e.path.as_posix(): e.spec.problem for e in entries if e.spec.problem}
        missing = outcome.refused.keys() - ids_by_path(self._standing.read()).keys()
        return Loaded(
            notebooks=sorted(e.id for e in entries if e.path.as_posix() not in missing),
            problems=problems | outcome.duplicates,
            specs={e.id: e.spec for e in entries},
            paths={e.path.as_posix() for e in entries},
            warnings=[*warnings, *outcome.refused.values(), *of_files(unread, self._left_out)],
            is_complete=outcome.is_complete,
            is_unsettled=self._memory.is_unsettled or bool(self._blobs.unsettled),
        )
