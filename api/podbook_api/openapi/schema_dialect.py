"""Writes schemas as OpenAPI 3.1 has them: in draft 2020-12, and without titles."""

from typing import Any, Final

# Keywords whose values are values, and those whose values are schemas by names of the author's.
LITERALS: Final = frozenset({"enum", "const", "default", "examples"})
_NAMED: Final = frozenset({"properties", "patternProperties", "dependencies"})
# What a component has no use for: generators of clients take a title for a name, and titles repeat.
_LEFT_OUT: Final = frozenset({"$schema", "$id", "title"})


def component(node: Any) -> Any:
    """Say in the words of draft 2020-12 what draft 7 said in others."""
    if isinstance(node, list):
        return [component(child) for child in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _part(key, value) for key, value in node.items() if key not in _LEFT_OUT}
    if isinstance(schema.get("items"), list):
        schema["prefixItems"] = schema.pop("items")
        if "additionalItems" in schema:
            schema["items"] = schema.pop("additionalItems")
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
    if key in _NAMED and isinstance(value, dict):
        return {name: component(child) for name, child in value.items()}
    return component(value)
