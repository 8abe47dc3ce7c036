"""Contracts that no call could ever be held to, one for each way there is; pairs of id and spec."""

from typing import Any, Final

_2019: Final = "https://json-schema.org/draft/2019-09/schema"
_2020: Final = "https://json-schema.org/draft/2020-12/schema"
_LEVELS: Final = 40
# Each level judges the next twice: no value is judged by this in the life of a server.
_DOUBLED: Final[dict[str, Any]] = {
    f"d{level}": {"allOf": [{"$ref": f"#/definitions/d{level + 1}"}] * 2}
    for level in range(_LEVELS)
}
_DOUBLE: Final[dict[str, Any]] = {
    "definitions": {**_DOUBLED, f"d{_LEVELS}": {"type": "object"}},
    "$ref": "#/definitions/d0",
}


def _model(schema: dict[str, Any]) -> dict[str, Any]:
    return {"m": {"import": "models:M", "schema": schema}}


def _both(**names: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return each as an input and as an output."""
    return [
        (f"{name.replace('_', '-')}-{place}", {place: schema})
        for name, schema in names.items()
        for place in ("input", "output")
    ]


UNUSABLE: Final[list[tuple[str, dict[str, Any]]]] = [
    # They lead back to themselves.
    *_both(
        itself={"$ref": "#"},
        by_all_of={"allOf": [{"$ref": "#"}]},
        by_any_of={"anyOf": [{"type": "object"}, {"$ref": "#"}]},
        by_not={"not": {"$ref": "#"}},
        by_if={"if": {"required": ["a"]}, "then": {"$ref": "#"}},
        by_dependencies={"dependencies": {"a": {"$ref": "#"}}},
        by_two={
            "definitions": {
                "a": {"$ref": "#/definitions/b"},
                "b": {"allOf": [{"$ref": "#/definitions/a"}]},
            },
            "allOf": [{"$ref": "#/definitions/a"}],
        },
        below={
            "definitions": {"a": {"$ref": "#/definitions/a"}},
            "properties": {"x": {"$ref": "#/definitions/a"}},
        },
        dynamic={"$schema": _2020, "$dynamicRef": "#"},
        recursive={"$schema": _2019, "$recursiveRef": "#"},
        by_defs={
            "$schema": _2020,
            "$defs": {"a": {"type": "object", "$ref": "#/$defs/a"}},
            "$ref": "#/$defs/a",
        },
    ),
    ("by-a-model", {"input": {"$ref": "nbschema://m"}, "models": _model({"$ref": "#"})}),
    # They lead nowhere, or to what is no schema.
    *_both(
        no_anchor={"$ref": "#there"},
        no_file={"$ref": "other.json"},
        far={"$ref": "https://example.org/schema.json"},
        nowhere={"properties": {"x": {"$ref": "#/definitions/x"}}},
        no_schema={"properties": {"x": {"$ref": "#/required/0"}}, "required": ["x"]},
        a_text={"description": "x", "properties": {"x": {"$ref": "#/description"}}},
        no_model={"$ref": "nbschema://nobody"},
    ),
    *(
        (f"model-{name}", {"input": {"properties": {"x": {"$ref": to}}}, "models": _model(schema)})
        for name, to, schema in (
            ("without-type", "nbschema://m", {"type": "strin"}),
            ("with-a-bad-pattern", "nbschema://m", {"pattern": "("}),
            ("to-nowhere", "nbschema://m", {"items": {"$ref": "#/definitions/x"}}),
            ("without-that-part", "nbschema://m#/definitions/x", {}),
        )
    ),
    # They are no schemas.
    *_both(
        no_type={"type": "strin"},
        no_pattern={"properties": {"x": {"pattern": "("}}},
        no_name_pattern={"patternProperties": {"(": {}}},
        dialect_is_a_number={"$schema": 5},
        dialect_is_a_list={"$schema": ["a"]},
        dialect_is_no_address={"$schema": "http://[a"},
        dialect_below_is_no_address={"properties": {"x": {"$schema": "http://[a"}}},
    ),
    # Nothing is judged by them in bounds.
    ("doubled", {"input": _DOUBLE}),
    # No call could give what every call has to.
    ("not-an-object", {"input": {"type": "array"}}),
    ("required-is-no-name", {"input": {"properties": {"a-b": {}}, "required": ["a-b"]}}),
    ("default-is-no-name", {"input": {"properties": {"a-b": {"default": 1}}}}),
    ("required-is-false", {"input": {"properties": {"x": False}, "required": ["x"]}}),
    (
        "required-is-undeclared",
        {"input": {"properties": {}, "required": ["x"], "additionalProperties": False}},
    ),
    ("no-moment", {"input": {"properties": {"x": {"default": {"$now": "noon"}}}}}),
]

_TREE: Final = {"type": "object", "properties": {"children": {"items": {"$ref": "#"}}}}

# What looks like one of those, and is none.
USABLE: Final[list[tuple[str, dict[str, Any]]]] = [
    ("tree", {"input": _TREE, "output": _TREE}),
    ("reference-as-value", {"input": {"properties": {"x": {"default": {"$ref": "kept"}}}}}),
    ("reference-as-name", {"input": {"properties": {"$ref": {}}}, "output": {"enum": [{}]}}),
    ("beside-a-reference", {"output": {"$ref": "#/definitions/a", "definitions": {"a": {}}}}),
    ("required-alone", {"input": {"type": "object", "required": ["x"]}}),
    ("unknown-dialect", {"input": {"$schema": "https://example.org/dialect", "type": "object"}}),
    (
        "the-model-of-a-tree",
        {"input": {"properties": {"x": {"$ref": "nbschema://m"}}}, "models": _model(_TREE)},
    ),
]
