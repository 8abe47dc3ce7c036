"""Keeps the entries as they were read, and reads again only those whose files changed."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from podbook_catalog.entries.accompanying_files import BadFiles
from podbook_catalog.entries.catalog_entry import Entry, chosen_files, complete
from podbook_catalog.entries.draft import Draft, config_path, is_half_written, read_draft
from podbook_catalog.entries.reading import Place
from podbook_catalog.folder.settling import Settling
from podbook_catalog.folder.walk import State

# What a draft, or an entry, was made of; None where it has to be made again.
_Basis = tuple[Any, ...] | None


class Memory:
    """The drafts and entries of a folder, each with what it was made of."""

    def __init__(self) -> None:
        self._drafts: dict[PurePosixPath, tuple[_Basis, Draft]] = {}
        self._entries: dict[PurePosixPath, tuple[_Basis, Entry]] = {}
        self._settling = Settling()
        # What the files were when they were read last.
        self._read_in: dict[PurePosixPath, tuple[State | None, State | None]] = {}
        # Read so soon after they were written, or while they were, that they have to be read again.
        self._unsettled: set[PurePosixPath] = set()
        self._place: Place | None = None
        self._version: tuple[int, int] = (0, 0)
        self._last_ids: Mapping[str, str] = {}

    def begin(
        self, place: Place, *, settings_version: int, models_version: int, ids: Mapping[str, str]
    ) -> None:
        """Begin a pass; ids are what the notebooks are called so far, by their paths."""
        self._place, self._last_ids = place, ids
        self._version = (settings_version, models_version)
        for known in (self._drafts, self._entries, self._read_in):
            for path in known.keys() - place.scan.notebooks.keys():
                del known[path]
        self._unsettled &= place.scan.notebooks.keys()

    def entries(self) -> list[Entry]:
        """Return all that are known."""
        return [entry for _, entry in self._entries.values()]

    @property
    def is_unsettled(self) -> bool:
        """Tell whether something was read so soon that it has to be read once more."""
        return bool(self._unsettled)

    def is_new(self, path: PurePosixPath) -> bool:
        """Tell whether the notebook itself, or its config, is other than it was read last."""
        return self._read_in.get(path) != self._states(path)

    def entry(self, path: PurePosixPath) -> Entry | None:
        """Return the notebook's entry as it was read last."""
        return self._entries.get(path, (None, None))[1]

    def read(self, path: PurePosixPath) -> Entry | None:
        """Return the notebook's entry; None where it is gone, or still being written."""
        draft = self._draft(path)
        if draft is None:
            return None
        known, entry = self._entries.get(path, (None, None))
        basis = self._basis_of_entry(draft)
        if entry is None or basis is None or known != basis:
            entry = complete(draft, self._here, self._other)
            # What was just read may be unsettled only now.
            self._entries[path] = (self._basis_of_entry(draft), entry)
        return entry

    @property
    def _here(self) -> Place:
        assert self._place is not None
        return self._place

    def _draft(self, path: PurePosixPath) -> Draft | None:
        basis, draft = self._drafts.get(path, (None, None))
        if draft is not None and basis is not None and basis == self._basis(path, draft):
            return draft
        is_settled = self._is_settled(path)
        self._read_in[path] = self._states(path)
        try:
            fresh = read_draft(path, self._here, last_id=self._last_ids.get(path.as_posix()))
        except FileNotFoundError:
            return None
        if draft is not None and draft.problem is None and is_half_written(fresh, self._here):
            self._drafts[path] = (None, draft)
            self._unsettled.add(path)
            return None
        if fresh == draft:
            fresh = draft
        is_final = is_settled and not fresh.is_provisional
        self._drafts[path] = (self._basis(path, fresh) if is_final else None, fresh)
        (self._unsettled.discard if is_settled else self._unsettled.add)(path)
        return fresh

    def _other(self, path: PurePosixPath) -> Draft | None:
        return self._draft(path) if path in self._here.scan.notebooks else None

    def _is_settled(self, path: PurePosixPath) -> bool:
        states = self._here.scan.states
        names = (path.as_posix(), config_path(path).as_posix())
        # Each is asked: whoever is asked remembers since when.
        settled = [self._settling.is_settled(n, states[n]) for n in names if n in states]
        return all(settled)

    def _basis(self, path: PurePosixPath, draft: Draft) -> _Basis:
        settings, models = self._version
        return self._states(path), settings, models if draft.uses_models else 0

    def _states(self, path: PurePosixPath) -> tuple[State | None, State | None]:
        """Return what the notebook and its config are just now."""
        states = self._here.scan.states
        return states.get(path.as_posix()), states.get(config_path(path).as_posix())

    def _basis_of_entry(self, draft: Draft) -> _Basis:
        if draft.problem is not None:
            return (draft,)
        try:
            chosen = chosen_files(draft, self._here, self._other)
        except BadFiles:
            return None
        return draft, chosen.left_out, self._here.basis(chosen.paths)
