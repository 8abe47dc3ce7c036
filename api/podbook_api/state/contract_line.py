"""A contract in one line: what goes in, and what comes out."""

from typing import Any, Final

_SHOWN: Final = 6


def members(schema: Any) -> list[str]:
    """Return the names of an object's members; those that may be left out end with a ?."""
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        return []
    required = schema.get("required")
    needed = set(map(str, required)) if isinstance(required, list) else set()
    return [name if name in needed else f"{name}?" for name in schema["properties"]]


def line(entered: Any, saved: Any) -> str:
    """Return the contract as `region, year? → revenue`, empty where there is none."""
    left, right = _side(entered), _side(saved)
    if not right:
        return left
    return f"{left} → {right}".strip()


def _side(schema: Any) -> str:
    names = members(schema)
    if not names:
        kind = schema.get("type") if isinstance(schema, dict) else None
        return str(kind) if isinstance(kind, str) and kind != "object" else ""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
