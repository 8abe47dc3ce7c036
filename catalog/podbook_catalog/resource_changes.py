"""Works out which Notebook resources a folder's entries need: pure, from values to values."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from podbook_catalog.entries.entry import Entry
from podbook_catalog.identity import resource_name
from podbook_catalog.target.resources import PATH_ANNOTATION

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """What has to be written; everything else stands already."""

    created: list[tuple[str, Entry]] = field(default_factory=list)
    replaced: list[Resource] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


def changes(entries: Iterable[Entry], present: dict[str, Resource]) -> Changes:
    """Return the difference between the entries and the resources that the folder owns."""
    wanted = _named(entries, present)
    created, replaced = [], []
    for name, entry in wanted.items():
        old = present.get(name)
        if old is None:
            created.append((name, entry))
        elif not _is_current(old, entry):
            replaced.append(_updated(old, entry))
    return Changes(created, replaced, sorted(present.keys() - wanted.keys()))


def ids_by_path(present: dict[str, Resource]) -> dict[str, str]:
    """Return what each file's notebook is called in the cluster."""
    return {
        path_of(resource): resource["spec"].get("id") or name for name, resource in present.items()
    }


def _named(entries: Iterable[Entry], present: dict[str, Resource]) -> dict[str, Entry]:
    """Give each entry its resource's name; of two with one id the one that has it keeps it."""
    holders = {name: path_of(resource) for name, resource in present.items()}
    named: dict[str, Entry] = {}

    def holds_it_first(entry: Entry) -> tuple[bool, str]:
        return holders.get(resource_name(entry.id)) != entry.path.as_posix(), entry.path.as_posix()

    for entry in sorted(entries, key=holds_it_first):
        name = resource_name(entry.id)
        if name in named:
            path = entry.path.as_posix()
            named[resource_name(entry.id, taken_by=path)] = _duplicate(entry, named[name])
        else:
            named[name] = entry
    return named


def _duplicate(entry: Entry, holder: Entry) -> Entry:
    problem = f"the id {entry.id!r} is already that of {holder.path}; give one of them another id"
    return replace(entry, spec=entry.spec.model_copy(update={"problem": problem}))


def _is_current(old: Resource, entry: Entry) -> bool:
    return bool(old["spec"] == entry.spec.to_wire()) and path_of(old) == entry.path.as_posix()


def _updated(old: Resource, entry: Entry) -> Resource:
    """Keep what others wrote on the resource: labels, annotations, and its resourceVersion."""
    metadata = dict(old["metadata"])
    annotations = {**metadata.get("annotations", {}), PATH_ANNOTATION: entry.path.as_posix()}
    return {
        **old,
        "metadata": {**metadata, "annotations": annotations},
        "spec": entry.spec.to_wire(),
    }


def path_of(resource: Resource) -> str:
    """Return the file that the resource was made from; empty for one of somebody else."""
    path: str = (resource["metadata"].get("annotations") or {}).get(PATH_ANNOTATION, "")
    return path
