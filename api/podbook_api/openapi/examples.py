"""Makes up a value that fits a schema, so that a page can show a call which works."""

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

# Schemas may refer to themselves, or be of any size: an example of more parts than this is none.
_PARTS: Final = 300
_DEEPEST: Final = 40
_TEXTS: Final = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "somebody@example.com",
    "uri": "https://example.com",
}


def example(schema: Any, components: Schema) -> Any:
    """Return what the author names (const, examples, default, enum), else the plainest value.

    It fits most schemas, not all: a pattern, for one, is not looked at. References lead into
    components, by the last part of their address. None where nothing comes to mind.
    """
    return _Example(components).of(schema, ())


class _Example:
    """One example while it is made: how much of it there is already."""

    def __init__(self, components: Schema) -> None:
        self._components = components
        self._left = _PARTS
        self._depth = 0

    def of(self, schema: Any, path: tuple[str, ...]) -> Any:
        """Return a value; path holds the references that led here, none is followed twice."""
        self._left -= 1
        if not isinstance(schema, dict) or self._left < 0 or self._depth > _DEEPEST:
            return None
        self._depth += 1
        try:
            return self._named(schema, path)
        finally:
            self._depth -= 1

    def _named(self, schema: Schema, path: tuple[str, ...]) -> Any:
        named = [schema[keyword] for keyword in ("const", "default") if keyword in schema]
        named += [
            values[0] for keyword in ("examples", "enum") if (values := _list(schema, keyword))
        ]
        return named[0] if named else self._composed(schema, path)

    def _composed(self, schema: Schema, path: tuple[str, ...]) -> Any:
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            return None if name in path else self.of(self._components.get(name), (*path, name))
        for keyword in ("anyOf", "oneOf"):
            if choices := [c for c in _list(schema, keyword) if c != {"type": "null"}]:
                return self.of(choices[0], path)
        if parts := _list(schema, "allOf"):
            return self._joined([{**schema, "allOf": None}, *parts], path)
        return self._of_type(schema, path)

    def _joined(self, schemas: list[Any], path: tuple[str, ...]) -> Any:
        values: list[Any] = [self.of(schema, path) for schema in schemas]
        whole: dict[str, Any] = {}
        for value in values:
            whole |= value if isinstance(value, dict) else {}
        return whole or ([value for value in values if value is not None] or [None])[0]

    def _of_type(self, schema: Schema, path: tuple[str, ...]) -> Any:
        types = schema.get("type")
        name = types[0] if isinstance(types, list) and types else types
        properties = schema.get("properties")
        if name == "object" or isinstance(properties, dict):
            values = {key: self.of(inner, path) for key, inner in (properties or {}).items()}
            return {key: value for key, value in values.items() if value is not None}
        if name == "array":
            item = self.of(schema.get("items"), path)
            return [] if item is None else [item]
        if name == "string":
            return _TEXTS.get(str(schema.get("format")), "text")
        if name in {"integer", "number"}:
            return schema.get("minimum", 0)
        return False if name == "boolean" else None


def _list(schema: Schema, keyword: str) -> list[Any]:
    value = schema.get(keyword)
    return value if isinstance(value, list) else []
