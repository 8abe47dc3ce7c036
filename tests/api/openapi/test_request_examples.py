"""An example is made for any schema, and is what its author would have written."""

from typing import Any

import pytest

from podbook_api.openapi.examples import example

NODE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}},
}


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        pytest.param({"const": None}, None, id="nothing but null"),
        pytest.param({"examples": ["a"], "default": "b"}, "b", id="its default"),
        pytest.param({"type": "string", "examples": ["a"]}, "a", id="its first example"),
        pytest.param({"enum": [3, 4]}, 3, id="the first that is allowed"),
        pytest.param({"type": "integer", "minimum": 5}, 5, id="the least that is allowed"),
        pytest.param({"type": "number"}, 0, id="a number"),
        pytest.param({"type": "boolean"}, False, id="a switch"),
        pytest.param({"type": ["null", "string"]}, None, id="null first"),
        pytest.param({"anyOf": [{"type": "null"}, {"type": "string"}]}, "text", id="if not null"),
        pytest.param({"type": "string", "format": "date"}, "2026-01-31", id="a date"),
        pytest.param({"type": "array", "items": {"type": "integer"}}, [0], id="a list"),
        pytest.param({"type": "array"}, [], id="a list of anything"),
        pytest.param({"properties": {"a": {}, "b": {"default": 1}}}, {"b": 1}, id="an object"),
        pytest.param(
            {"allOf": [{"properties": {"a": {"default": 1}}}], "properties": {"b": {"default": 2}}},
            {"a": 1, "b": 2},
            id="parts together",
        ),
        pytest.param({"$ref": "#/components/schemas/Node"}, {"name": "text"}, id="itself again"),
        pytest.param({"$ref": "#/nowhere"}, None, id="a reference to nothing"),
        pytest.param({"enum": 3, "anyOf": "x", "properties": []}, None, id="no schema at all"),
        pytest.param(True, None, id="anything"),
    ],
)
def test_an_example(schema: Any, shown: Any) -> None:
    assert example(schema, {"Node": NODE}) == shown


def test_a_schema_that_multiplies_itself_comes_to_an_end() -> None:
    levels = {
        f"L{n}": {"properties": {p: {"$ref": f"#/components/schemas/L{n + 1}"} for p in "abcdefgh"}}
        for n in range(30)
    }

    assert isinstance(example({"$ref": "#/components/schemas/L0"}, levels), dict)
