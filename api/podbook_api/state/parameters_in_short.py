"""An execution's parameters as a list shows them: the first ones, their secrets masked."""

import json
from collections.abc import Collection
from typing import Any, Final

from podbook_crds.call_rules.secret_parameters import MASK

# Characters of the whole, and so of each value.
_SHOWN: Final = 200

# Names and the beginnings of their values' JSON.
Pieces = tuple[tuple[str, str], ...]


def pieces(spec: dict[str, Any], secrets: str | None) -> Pieces:
    """Return what is kept for a list; secrets is the execution's annotation, if it has one."""
    text = spec.get("parametersText")
    hidden = hidden_names(secrets)
    try:
        given = spec.get("parameters") or {} if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return ()
    found, size = [], 0
    for name, value in given.items() if isinstance(given, dict) else ():
        if size > _SHOWN:
            break
        shown = _text(MASK if name in hidden else value)[: _SHOWN + 1]
        found.append((name[:_SHOWN], shown.encode("utf-8", "replace").decode()))
        size += len(name) + len(shown)
    return tuple(found)


def in_short(found: Pieces, secrets: Collection[str]) -> str:
    """Return the beginning of their JSON, without what the notebook as it is now calls secret."""
    shown = ",".join(
        f"{_text(name)}:{_text(MASK) if name in secrets else value}" for name, value in found
    )
    return f"{{{shown}}}"[:_SHOWN]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def hidden_names(secrets: str | None) -> frozenset[str]:
    """Return what an execution's annotation calls secret."""
    try:
        found = json.loads(secrets or "[]")
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset()
