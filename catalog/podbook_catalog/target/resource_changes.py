"""Works out which Notebook resources a folder's entries need: pure, from values to values."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from podbook_catalog.entries.catalog_entry import Entry
from podbook_catalog.target.resources import PATH_ANNOTATION
from podbook_crds.resources.naming import resource_name

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """What has to be written; everything else stands already."""

    created: list[tuple[str, Entry]] = field(default_factory=list)
    replaced: list[Resource] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    # What is wrong with notebooks whose ids are taken, by their paths.
    duplicates: dict[str, str] = field(default_factory=dict)

    def without(self, paths: Container[str]) -> "Changes":
        """Return the same apart from what is made of some files."""
        return replace(
            self,
            created=[(name, e) for name, e in self.created if e.path.as_posix() not in paths],
            replaced=[resource for resource in self.replaced if path_of(resource) not in paths],
        )


def changes(
    entries: Iterable[Entry], present: dict[str, Resource], *, unread: Container[str] = ()
) -> Changes:
    """Return the difference between the entries and the resources that the folder owns.

    unread are the paths of notebooks that are there and have not been read yet: what stands for
    them stays.
    """
    wanted, duplicates = _named(entries, present, unread)
    found = Changes(duplicates=duplicates)
    for name, entry in wanted.items():
        old = present.get(name)
        if old is None:
            found.created.append((name, entry))
        elif not _is_current(old, entry):
            found.replaced.append(_updated(old, entry))
    found.deleted.extend(
        name
        for name in sorted(present.keys() - wanted.keys())
        if path_of(present[name]) not in unread
    )
    return found


def ids_by_path(present: dict[str, Resource]) -> dict[str, str]:
    """Return what each file's notebook is called in the cluster."""
    return {
        path_of(resource): resource["spec"].get("id") or name for name, resource in present.items()
    }


def _named(
    entries: Iterable[Entry], present: dict[str, Resource], unread: Container[str]
) -> tuple[dict[str, Entry], dict[str, str]]:
    """Give each entry its resource's name; of two with one id the one that has it keeps it.

    Also returns what is wrong with the others, by their paths.
    """
    holders = {name: path_of(resource) for name, resource in present.items()}
    named: dict[str, Entry] = {}
    duplicates: dict[str, str] = {}

    def holds_it_first(entry: Entry) -> tuple[bool, str]:
        return holders.get(resource_name(entry.id)) != entry.path.as_posix(), entry.path.as_posix()

    for entry in sorted(entries, key=holds_it_first):
        name, path = resource_name(entry.id), entry.path.as_posix()
        holder = named[name].path.as_posix() if name in named else holders.get(name, "")
        if name in named or (holder != path and holder in unread):
            duplicate = _duplicate(entry, holder)
            duplicates[path] = duplicate.spec.problem or ""
            named[resource_name(entry.id, taken_by=path)] = duplicate
        else:
            named[name] = entry
    return named, duplicates


def _duplicate(entry: Entry, holder: str) -> Entry:
    problem = f"the id {entry.id!r} is already that of {holder}; give one of them another id"
    return replace(entry, spec=entry.spec.model_copy(update={"problem": problem}))


def _is_current(old: Resource, entry: Entry) -> bool:
    return bool(old["spec"] == entry.wire) and path_of(old) == entry.path.as_posix()


def _updated(old: Resource, entry: Entry) -> Resource:
    """Keep what others wrote on the resource: labels, annotations, and its resourceVersion."""
    metadata = dict(old["metadata"])
    annotations = {**metadata.get("annotations", {}), PATH_ANNOTATION: entry.path.as_posix()}
    return {
        **old,
        "metadata": {**metadata, "annotations": annotations},
        "spec": entry.wire,
    }


def path_of(resource: Resource) -> str:
    """Return the file that the resource was made from; empty for one of somebody else."""
    path: str = (resource["metadata"].get("annotations") or {}).get(PATH_ANNOTATION, "")
    return path
