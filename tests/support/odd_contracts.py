"""Contracts as people write them, and as nobody should: for those who make types of them."""

from typing import Any

SAMPLE = {
    "title": "Sample",
    "type": "object",
    "properties": {
        "foo": {"type": "string"},
        "when": {"$ref": "#/$defs/When"},
        "child": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
    },
    "required": ["foo"],
    "$defs": {"When": {"title": "Sample", "type": "string", "format": "date-time"}},
}
TYPED: dict[str, Any] = {
    "input": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Input",
        "type": "object",
        "properties": {
            "objects": {"type": "array", "items": {"$ref": "nbschema://sample model"}},
            "pair": {"items": [{"type": "string"}, {"$ref": "#/definitions/N"}]},
            "class": {"title": "Same", "enum": ["x y", "é", "1", ""]},
            "count": {"title": "Same", "type": "integer", "default": 3},
        },
        "definitions": {"N": {"type": "integer"}, "a/b": {}, "a b": {"type": "string"}},
        "required": ["objects"],
    },
    "output": {
        "type": "object",
        "properties": {"total": {"type": "integer"}, "made": {"$ref": "nbschema://sample model"}},
        "required": ["total", "made"],
    },
    "models": {"sample model": {"import": "m:S", "schema": SAMPLE}},
}
NODE = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#/definitions/Node"}},
    },
    "required": ["name"],
}
TREE = {"$ref": "#/definitions/Node", "definitions": {"Node": NODE}}
ODD = {
    "type": "object",
    "definitions": {"Node": NODE},
    "properties": {
        "tree": {"$ref": "#/definitions/Node"},
        "lost": {"$ref": "#/definitions/Nowhere"},
        "far": {"$ref": "https://example.com/x.json"},
        "inner": {"$ref": "#/properties/deep/properties/x"},
        "deep": {"properties": {"x": {"properties": {"y": {"type": "integer"}}}}},
        "any": True,
        "none": False,
        "mixed": {"enum": ["a", 1, None, 1.5, True, {"a": 1}]},
        "floats": {"enum": [1.5, 2.5]},
        "alike": {"enum": ["a", "A", "a "]},
        "yes": {"const": True},
        "object": {"const": {"a": 1}},
        "late": {"type": "string", "format": "date", "default": "soon"},
        "wrong": {"type": "integer", "default": "x"},
        "one": {"oneOf": [{"type": "string"}, {"properties": {"k": {"const": "v"}}}]},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        "tuple": {"type": "array", "items": [{"type": "integer"}], "additionalItems": False},
        "free": {"type": "array"},
        "self": {"type": "string"},
        "from": {"type": "string"},
        "a-b": {"type": "string"},
        "a_b": {"type": "integer"},
        "1st": {"type": "string"},
        "é": {"type": "string"},
    },
}
# By the notebooks' ids: some read alike, some are named as the document's own parts.
CONTRACTS: dict[str, dict[str, Any]] = {
    "made for/typed": TYPED,
    "made for/é/2026": {"input": ODD, "output": TREE},
    "MadeFor": {"input": {"type": "object", "properties": {"n": {"type": "integer"}}}},
    "madefor": {"output": {"type": "array", "items": {"type": "number"}}},
    "execution": {"output": {"$ref": "#/definitions/Request", "definitions": {"Request": {}}}},
}
