"""Contracts of every shape, each with parameters that a form has to give back as they are."""

from typing import Any, Final

Schema = dict[str, Any]


def _object(properties: Schema, **more: Any) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), **more}


_PERSON: Final = _object({"name": {"type": "string"}, "age": {"type": "integer"}}, title="Person")
_TREE: Final = {
    "type": "object",
    "properties": {
        "label": {"type": "string"},
        "below": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
    },
}

# name: the schema of one parameter, a value of it, how many fields there have to be at least.
SHAPES: Final[dict[str, tuple[Schema, Any, int]]] = {
    "text": ({"type": "string", "description": "Any words."}, "two words", 1),
    "integer": ({"type": "integer", "minimum": 1}, 7, 1),
    "number": ({"type": "number"}, 0.25, 1),
    "flag": ({"type": "boolean"}, False, 1),
    "flag_with_default": ({"type": "boolean", "default": True}, False, 1),
    "date": ({"type": "string", "format": "date"}, "2026-11-27", 1),
    "moment": ({"type": "string", "format": "date-time"}, "2026-11-27T09:30:00.125Z", 1),
    "choice": ({"enum": ["north", "south"]}, "south", 1),
    "choice_of_numbers": ({"enum": [1, 2.5, 10]}, 2.5, 1),
    "choice_of_titles": (
        {"oneOf": [{"const": "a", "title": "One"}, {"const": "b", "title": "Other"}]},
        "b",
        1,
    ),
    "constant": ({"const": "only"}, "only", 1),
    "nullable": ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, None, 1),
    "nullable_given": ({"type": ["string", "null"]}, "here", 1),
    "list_of_texts": ({"type": "array", "items": {"type": "string"}}, ["a", "b", ""], 3),
    "list_of_models": (
        {"type": "array", "items": {"$ref": "#/$defs/Person"}},
        [{"name": "Ada", "age": 36}, {"name": "Bob", "age": 1}],
        4,
    ),
    "model": ({"$ref": "#/$defs/Person"}, {"name": "Ada", "age": 36}, 2),
    "model_by_all_of": ({"allOf": [{"$ref": "#/$defs/Person"}]}, {"name": "A", "age": 0}, 2),
    "map_of_numbers": (
        {"type": "object", "additionalProperties": {"type": "number"}},
        {"north": 1.5, "south": 2},
        4,
    ),
    # What no form can show is a field for JSON.
    "anything": ({}, {"deep": [1, None, {"x": "y"}]}, 1),
    "either": ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "5", 1),
    "pair": ({"type": "array", "items": [{"type": "string"}, {"type": "integer"}]}, ["a", 1], 1),
    "recursive": ({"$ref": "#/$defs/Tree"}, {"label": "a", "below": [{"label": "b"}]}, 2),
    "any_object": ({"type": "object"}, {"a": {"b": None}}, 1),
    "secret": ({"type": "string", "format": "password"}, "hush", 1),
}


def contract(name: str) -> Schema:
    """Return an input contract whose one parameter has the shape."""
    return _object({name: SHAPES[name][0]}, **{"$defs": {"Person": _PERSON, "Tree": _TREE}})
