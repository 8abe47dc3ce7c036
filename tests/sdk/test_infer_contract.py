"""A contract is read from the parameters cell, which is parsed and never executed."""

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podbook_catalog.contracts.infer_contract import infer


def properties(source: str) -> dict[str, Any]:
    schema = infer(source)
    assert schema is not None
    found: dict[str, Any] = schema["properties"]
    return found


@pytest.mark.parametrize(
    ("line", "schema"),
    [
        pytest.param("x = 1", {"type": "integer", "default": 1}, id="an integer"),
        pytest.param("x = -1.5", {"type": "number", "default": -1.5}, id="a negative number"),
        pytest.param("x = True", {"type": "boolean", "default": True}, id="a truth value"),
        pytest.param("x = 'a'", {"type": "string", "default": "a"}, id="a text"),
        pytest.param("x = None", {"default": None}, id="None tells no type"),
        pytest.param("x: int", {"type": "integer"}, id="no default"),
        pytest.param(
            "x: int | None = None", {"type": ["integer", "null"], "default": None}, id="| None"
        ),
        pytest.param("x: Optional[str]", {"type": ["string", "null"]}, id="Optional"),
        pytest.param("x: 'float' = 1", {"type": "number", "default": 1}, id="a quoted annotation"),
        pytest.param("x: Literal['a', 'b']", {"enum": ["a", "b"]}, id="Literal"),
        pytest.param(
            "x: list[int] = [1]",
            {"type": "array", "items": {"type": "integer"}, "default": [1]},
            id="a list of one type",
        ),
        pytest.param(
            "x: dict[str, list[float]]",
            {
                "type": "object",
                "additionalProperties": {"type": "array", "items": {"type": "number"}},
            },
            id="a dict of lists",
        ),
        pytest.param(
            "x: datetime.date | int",
            {"anyOf": [{"type": "string", "format": "date"}, {"type": "integer"}]},
            id="a union that needs anyOf",
        ),
        pytest.param("x: Customer = Customer()", {}, id="a class that nobody knows"),
        pytest.param("x = open('secrets').read()", {}, id="what would have to be executed"),
        pytest.param(
            "x = ['a', 1]", {"type": "array", "default": ["a", 1]}, id="a list of several types"
        ),
        pytest.param(
            "x = 1  # How many.",
            {"type": "integer", "description": "How many.", "default": 1},
            id="a comment behind",
        ),
        pytest.param(
            "# Parameters\n# Of the\n# customer.\nx = ''",
            {"type": "string", "description": "Of the customer.", "default": ""},
            id="comments above, without the cell's heading",
        ),
        pytest.param(
            "%matplotlib inline\nx = 1", {"type": "integer", "default": 1}, id="magics are skipped"
        ),
    ],
)
def test_one_parameter(line: str, schema: dict[str, Any]) -> None:
    assert properties(line) == {"x": schema}


def test_a_parameter_without_a_value_is_required_until_it_gets_one() -> None:
    assert infer("x: int\ny: int\ny = 1\n") == {
        "type": "object",
        "properties": {"x": {"type": "integer"}, "y": {"type": "integer", "default": 1}},
        "required": ["x"],
    }


def test_private_names_imports_and_attributes_are_no_parameters() -> None:
    assert infer("import os\n_x = 1\nos.name = 'a'\nλ = 1\n") is None


def test_code_that_ends_in_a_backslash_is_read_all_the_same() -> None:
    assert infer("x = 1  # one\n\\\r\n") == {
        "type": "object",
        "properties": {"x": {"type": "integer", "description": "one", "default": 1}},
    }


BRACKETS = st.sampled_from([*list("()[]{},:=|#\\"), chr(34) * 3, "'a'"])
WORDS = st.sampled_from(["x", "int", "1", "None", "Literal", "λ", "1e999", "%m", "!ls", "?", "if"])
SPACES = st.sampled_from([" ", "    ", "\n", "\r\n", "\f", "\0"])
PIECES = WORDS | BRACKETS | SPACES


@settings(deadline=None)  # A machine may be busy.
@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_code_is_read_or_no_python(source: str) -> None:
    with contextlib.suppress(SyntaxError, ValueError):
        infer(source)


def test_code_that_is_no_python_is_an_error() -> None:
    with pytest.raises(SyntaxError):
        infer("x = = 1")
