"""Writes schemas as OpenAPI 3.1 has them: in draft 2020-12, and without titles."""

import re
from typing import Any, Final

from podbook_api.openapi.stated_defaults import is_meant

# Keywords whose values are values, and those whose values are schemas by names of the author's.
LITERALS: Final = frozenset({"enum", "const", "default", "examples"})
NAMED: Final = frozenset({"properties", "patternProperties", "dependencies"})
# What a component has no use for: generators of clients take a title for a name, and titles repeat.
_LEFT_OUT: Final = frozenset({"$schema", "$id", "title"})


# Keywords whose values are schemas, or lists of them: there `true` and `false` are schemas, too,
# of which generators have not heard.
_SCHEMAS: Final = frozenset({"items", "not", "anyOf", "oneOf", "allOf", "prefixItems"})

_UNNAMED: Final = {bool: "boolean", float: "number", dict: "object", list: "array"}


def component(node: Any) -> Any:
    """Say in the words of draft 2020-12 what draft 7 said in others."""
    if isinstance(node, list):
        return [component(child) for child in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _part(key, value) for key, value in node.items() if key not in _LEFT_OUT}
    if "default" in schema and not is_meant(schema):
        del schema["default"]
    if isinstance(schema.get("items"), list):
        schema["prefixItems"] = schema.pop("items")
        if "additionalItems" in schema:
            schema["items"] = _unless_boolean(schema.pop("additionalItems"))
    if not isinstance(schema.get("const", ""), str):
        schema["enum"] = [schema.pop("const")]
    if isinstance(schema.get("enum"), list) and not _is_of_one_type(schema["enum"]):
        schema["allOf"] = [*schema.get("allOf", ()), {"anyOf": _choices(schema.pop("enum"))}]
    if "array" in schema.get("type", ()) and "prefixItems" not in schema:
        schema.setdefault("items", {})
    dependencies = schema.pop("dependencies", None)
    if isinstance(dependencies, dict):
        lists = {key: value for key, value in dependencies.items() if isinstance(value, list)}
        others = {key: value for key, value in dependencies.items() if key not in lists}
        schema |= {"dependentRequired": lists} if lists else {}
        schema |= {"dependentSchemas": others} if others else {}
    return schema


def _part(key: str, value: Any) -> Any:
    if key in LITERALS:
        return value
    if key in NAMED and isinstance(value, dict):
        return {name: _unless_boolean(child) for name, child in value.items()}
    if key in _SCHEMAS:
        return (
            [_unless_boolean(v) for v in value]
            if isinstance(value, list)
            else _unless_boolean(value)
        )
    return component(value)


def _is_of_one_type(values: list[Any]) -> bool:
    """Whether generators make an enum of it: of texts or of whole numbers, and perhaps null."""
    types = {type(value) for value in values if value is not None}
    return types in ({str}, {int}) and not _read_alike(values)


def _read_alike(values: list[Any]) -> bool:
    """Whether two texts would be one name in code, as `a` and `A` are."""
    names = [re.sub(r"[^A-Z0-9]", "", str(value).upper()) for value in values]
    return len(names) != len(set(names)) and any(isinstance(value, str) for value in values)


def _choices(values: list[Any]) -> list[dict[str, Any]]:
    """Return the same, each type by itself."""
    texts = [value for value in values if isinstance(value, str)]
    numbers = [value for value in values if type(value) is int]
    found: list[dict[str, Any]] = [{"enum": numbers}] if numbers else []
    if texts:
        found.append(_hidden("string", texts) if _read_alike(texts) else {"enum": texts})
    for value in values:
        if value is None:
            found.append({"type": "null"})
        elif type(value) in _UNNAMED:
            found.append(_hidden(_UNNAMED[type(value)], [value]))
    return found


def _hidden(kind: str, values: list[Any]) -> dict[str, Any]:
    """Return these values where no generator looks: behind a `not`."""
    return {"type": kind, "examples": values, "not": {"not": {"enum": values}}}


def _unless_boolean(schema: Any) -> Any:
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    return component(schema)
