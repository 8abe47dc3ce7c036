"""Which notebooks are tools of their own, which are only found by search, which are neither."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from podbook_api.state.catalog import Entry
from podbook_crds.resources.notebook import Exposure


@dataclass(frozen=True)
class Exposed:
    """What one client sees."""

    tools: list[Entry]
    # All that it may name, the tools included.
    found: list[Entry]


def exposed(entries: Sequence[Entry], patterns: str, *, limit: int) -> Exposed:
    """Return what is there for a client that asks for ids of these patterns (`reports/*,x`).

    Who says nothing of itself is a tool as long as there are no more than limit: clients take in
    40 to 128 tools, and models choose badly among many.
    """
    wanted = [each.strip() for each in patterns.split(",") if each.strip()]
    found = [
        entry
        for entry in entries
        if entry.notebook.spec.mcp is not Exposure.OFF and _is_wanted(entry.notebook.id, wanted)
    ]
    offered = [entry for entry in found if entry.notebook.spec.mcp is not Exposure.SEARCH]
    if len(offered) > limit:
        offered = [entry for entry in offered if entry.notebook.spec.mcp is Exposure.TOOL]
    return Exposed([entry for entry in offered if entry.problem is None], found)


def _is_wanted(notebook_id: str, wanted: list[str]) -> bool:
    return not wanted or any(fnmatchcase(notebook_id, pattern) for pattern in wanted)
