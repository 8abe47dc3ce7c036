"""Works out what a push has to do: pure, from a folder's entries and what a server serves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from podbook_catalog.entries.catalog_entry import Entry
from podbook_crds.content import spec_digest

Json = dict[str, Any]


class Change(StrEnum):
    """What becomes of one notebook."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    # The folder has it no more: taken out where that is asked for.
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Step:
    """One notebook, as the folder has it and as the server has it."""

    id: str
    change: Change
    entry: Entry | None = None
    there: Json | None = None

    @property
    def known(self) -> str | None:
        """The digest that the server has of it."""
        return None if self.there is None else str(self.there["digest"])


def steps(
    entries: Iterable[Entry], served: Iterable[Json], *, catalog: str, managed_by: str = "push"
) -> list[Step]:
    """Return a step for each notebook of the folder, and for each that the catalog loses."""
    there = {item["id"]: item for item in served}
    wanted = {entry.id: entry for entry in entries}
    found = [_step(entry, there, catalog, managed_by) for entry in wanted.values()]
    lost = [
        Step(notebook_id, Change.REMOVED, there=item)
        for notebook_id, item in there.items()
        if item.get("catalog") == catalog and notebook_id not in wanted
    ]
    return sorted([*found, *lost], key=lambda step: step.id)


def _step(entry: Entry, there: Mapping[str, Json], catalog: str, managed_by: str) -> Step:
    known = there.get(entry.id)
    if known is None:
        return Step(entry.id, Change.NEW, entry)
    is_same = (
        known["specDigest"] == spec_digest(entry.spec)
        and known["catalog"] == catalog
        and known["managedBy"] == managed_by
    )
    return Step(entry.id, Change.UNCHANGED if is_same else Change.CHANGED, entry, known)
