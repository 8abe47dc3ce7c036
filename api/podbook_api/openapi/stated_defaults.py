"""Tells whether a schema's default is one of its own values: generators write it down as code."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in (int, float),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
_FORMATS: Final[dict[str, Callable[[str], Any]]] = {
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
    "uuid": UUID,
}


def is_meant(schema: dict[str, Any]) -> bool:
    """Whether the default fits its type, format and enum, as far as they are said beside it."""
    value, types = schema["default"], schema.get("type", [])
    known = [
        _TYPES[name] for name in ([types] if isinstance(types, str) else types) if name in _TYPES
    ]
    if known and not any(fits(value) for fits in known):
        return False
    values = schema.get("enum")
    return (not isinstance(values, list) or value in values) and _has_format(value, schema)


def _has_format(value: Any, schema: dict[str, Any]) -> bool:
    read = _FORMATS.get(str(schema.get("format")))
    if read is None or not isinstance(value, str):
        return True
    try:
        read(value)
    except ValueError:
        return False
    return True
