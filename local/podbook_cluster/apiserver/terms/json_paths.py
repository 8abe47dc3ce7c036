"""Reads a value out of an object by the simple JSONPaths of printer columns."""

import re
from functools import lru_cache
from typing import Any, Final

_STEP: Final = re.compile(
    r"\.?(?P<name>[A-Za-z_](?:[\w-]|\\\.)*)"
    r"|\[\?\(@\.(?P<field>[\w.]+)\s*==\s*[\"'](?P<equals>[^\"']*)[\"']\)\]"
    r"|\[(?P<index>-?\d+)\]"
    r"|\[[\"'](?P<quoted>[^\"']+)[\"']\]"
    r"|(?P<every>\[\*\])"
)

Step = tuple[str, str, str]


def find(path: str, value: Any) -> Any:
    """Return what a path such as `.status.conditions[?(@.type=="Ready")].status` leads to."""
    found = [value]
    for step in _steps(path):
        found = [inner for item in found for inner in _follow(step, item)]
    return found[0] if found else None


@lru_cache(maxsize=512)
def _steps(path: str) -> tuple[Step, ...]:
    steps = []
    for match in _STEP.finditer(path):
        kind = str(match.lastgroup)
        argument = match["field"] or ""
        steps.append((kind, match[kind].replace("\\.", "."), argument))
    return tuple(steps)


def _follow(step: Step, value: Any) -> list[Any]:
    kind, text, argument = step
    if kind in ("name", "quoted"):
        return [value[text]] if isinstance(value, dict) and text in value else []
    if not isinstance(value, list):
        return []
    if kind == "index":
        index = int(text)
        return [value[index]] if -len(value) <= index < len(value) else []
    if kind == "equals":
        return [item for item in value if str(find(argument, item)) == text]
    return list(value)
