"""Keeps the cluster's Notebook resources as the folder is: reads all, writes what differs."""

import hashlib
import os
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podbook_catalog.entries.entry import Entry, read_entry
from podbook_catalog.entries.reading import Place
from podbook_catalog.interpreter import Interpreter
from podbook_catalog.models.shared_models import SharedModels
from podbook_catalog.resource_changes import changes, ids_by_path, path_of
from podbook_catalog.scan import Scan, scan
from podbook_catalog.settings.errors import Mistaken
from podbook_catalog.settings.podbook_toml import Settings, read_settings
from podbook_catalog.target.blobs import Blobs
from podbook_catalog.target.resources import Address, NotebookResources


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one pass over the folder came to."""

    # Ids of the notebooks that the cluster has, and what is wrong with those that cannot run.
    notebooks: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    # Sentences about everything else that people should know.
    warnings: list[str] = field(default_factory=list)


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
        self._resources = NotebookResources(address, owner)
        self._settings = Settings()
        self._models = SharedModels(root, interpreter, environment)

    @property
    def is_waiting(self) -> bool:
        """Tell whether shared models are still being read, so that another pass will follow."""
        return self._models.is_waiting

    @property
    def has_news(self) -> bool:
        """Tell whether models that the last pass did not wait for have been read by now."""
        return self._models.has_news

    def close(self) -> None:
        """End what reads models; may be called by any thread."""
        self._models.close()

    def load(self, *, changed: bool = True) -> Loaded:
        """Read the folder and write what differs; raises ClusterUnavailable.

        While podbook.toml cannot be read, its last good settings hold. Where nothing changed,
        models are not read anew.
        """
        warnings = []
        try:
            self._settings = read_settings(self._root)
        except Mistaken as error:
            warnings.append(str(error))
        if changed:
            self._models.begin(self._settings.models)
        else:
            self._models.begin_again()
        present = self._resources.present()
        try:
            found = scan(self._root, skip=self._settings.skip)
        except OSError as error:
            # A drive that is away for a moment must not cost the runs that wait their notebooks.
            sentence = f"{self._root} cannot be read ({error.strerror}): what was served stays"
            return Loaded(warnings=[sentence])
        if found.nameless:
            warnings.append(f"{found.nameless} files are not served: their names are no UTF-8")
        warnings += [f"{path} cannot be read: {why}" for path, why in found.unread.items()]
        entries = self._entries(found, ids_by_path(present))
        refused = self._write(entries, present)
        warnings += refused.values()
        return _summary(entries, warnings, unserved=refused.keys() - ids_by_path(present).keys())

    def _entries(self, found: Scan, last_ids: Mapping[str, str]) -> list[Entry]:
        place = self._place(found, self._settings.for_notebooks())
        return [
            read_entry(path, place, last_id=last_ids.get(path.as_posix()))
            for path in found.notebooks
        ]

    def _place(self, found: Scan, catalog: dict[str, Any]) -> Place:
        return Place(
            self._root,
            found,
            catalog,
            self._blobs,
            self._models,
            self._interpreter,
            self._environment,
        )

    def _write(self, entries: list[Entry], present: dict[str, dict[str, Any]]) -> dict[str, str]:
        """Write what differs; return a sentence for each file that the cluster refuses.

        What was served before goes on being served then.
        """
        needed = changes(entries, present)
        created = [
            self._resources.labelled(name, entry.path.as_posix(), entry.spec.to_wire())
            for name, entry in needed.created
        ]
        wanted = [*created, *needed.replaced]
        paths = {resource["metadata"]["name"]: path_of(resource) for resource in wanted}
        refused = self._resources.write(wanted, needed.deleted)
        return {
            paths.get(name, name): f"{paths.get(name, name)} is refused by the cluster: {why}"
            for name, why in refused.items()
        }


def _summary(entries: list[Entry], warnings: list[str], *, unserved: Set[str]) -> Loaded:
    problems = {
        entry.path.as_posix(): entry.spec.problem for entry in entries if entry.spec.problem
    }
    return Loaded(
        notebooks=sorted(entry.id for entry in entries if entry.path.as_posix() not in unserved),
        problems=problems,
        warnings=[*warnings, *(entry.warning for entry in entries if entry.warning)],
    )
