"""Contracts and parameters that take whoever checks one by the other all the time there is.

Each is small, and JSON Schema through and through.
"""

from typing import Any

Schema = dict[str, Any]

_WORDS = r"^([a-z]+\s?)+$"
_PUZZLE = "a" * 45 + "!"


def _of_x(schema: Schema, **definitions: Schema) -> Schema:
    return {"type": "object", "$defs": definitions, "properties": {"x": schema}}


def _doubled(levels: int) -> Schema:
    names = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(levels)}
    return _of_x({"$ref": "#/$defs/d0"}, **names, **{f"d{levels}": {"type": "integer"}})


def _unevaluated(levels: int) -> Schema:
    names = {
        f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}], "unevaluatedProperties": False}
        for n in range(levels)
    }
    last: Schema = {f"d{levels}": {"properties": {"y": {}}}}
    newest = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return newest | _of_x({"$ref": "#/$defs/d0"}, **names, **last)


def _tree() -> Schema:
    again = {"$ref": "#/$defs/t"}
    both = {"anyOf": [again, again]}
    return _of_x(again, t={"type": "array", "items": {"anyOf": [both, both]}})


def _nested(levels: int) -> Any:
    value: Any = "no array"
    for _ in range(levels):
        value = [value]
    return value


# By their names: a contract, and parameters that are checked by it.
HOSTILE: dict[str, tuple[Schema, dict[str, Any]]] = {
    "a pattern of words": (_of_x({"pattern": _WORDS}), {"x": _PUZZLE}),
    "a pattern for names": (_of_x({"patternProperties": {_WORDS: {}}}), {"x": {_PUZZLE: 1}}),
    "names by a pattern": (_of_x({"propertyNames": {"pattern": _WORDS}}), {"x": {_PUZZLE: 1}}),
    "allOf doubled": (_doubled(40), {"x": 1}),
    "anyOf that recurs": (_tree(), {"x": _nested(16)}),
    "unevaluated at each level": (_unevaluated(40), {"x": {"y": 1}}),
    "unique objects": (_of_x({"uniqueItems": True}), {"x": [{"a": n} for n in range(9000)]}),
    "one of thousands": (
        _of_x({"items": {"enum": [[n, n, n] for n in range(3000)]}}),
        {"x": [[2999, 2999, 2999]] * 6000},
    ),
    "choices that all fail": (
        _of_x({"anyOf": [{"items": {"type": "string"}}] * 80}),
        {"x": list(range(30_000))},
    ),
}
