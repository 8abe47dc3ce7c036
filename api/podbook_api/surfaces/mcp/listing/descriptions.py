"""What an agent reads to choose a tool: what the notebook is for, gives back, and takes."""

from typing import Final

from podbook_api.state import contract_line
from podbook_api.state.catalog import Entry
from podbook_api.state.introductions import Introduction
from podbook_api.surfaces.mcp.listing import durations

LONGEST: Final = 700
_SHOWN: Final = 12


def description(entry: Entry, said: Introduction, seconds: float | None) -> str:
    """Return at most 700 characters; of a long introduction the end is left out, never the rest."""
    about = ". ".join(text.rstrip(". ") for text in (said.title, said.sentence) if text)
    about = f"{about}." if about else f"Runs the notebook {entry.notebook.id}."
    rest = " ".join(filter(None, (_returned(entry), _taken(seconds))))
    room = LONGEST - len(rest) - 1
    about = about if len(about) <= room else f"{about[: room - 1]}…"
    return f"{about} {rest}"[:LONGEST]


def title(entry: Entry, said: Introduction) -> str:
    """Return what people see."""
    return said.title or entry.notebook.id


def _returned(entry: Entry) -> str:
    schema = entry.notebook.spec.output
    members = contract_line.members(schema)
    if members:
        more = f" and {len(members) - _SHOWN} more" if len(members) > _SHOWN else ""
        # An author's own words, but never without end.
        return f"Returns {', '.join(members[:_SHOWN])[:300]}{more}."
    kind = schema.get("type") if isinstance(schema, dict) else None
    if isinstance(kind, str):
        return f"Returns one {kind}."
    return "Returns what its cells save, and what they show."


def _taken(seconds: float | None) -> str:
    return "" if seconds is None else f"Takes {durations.roughly(seconds)}."
