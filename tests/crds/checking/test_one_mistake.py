"""One mistake is one entry, and its pointer leads to the place, whichever keyword forbids it."""

from typing import Any

import pytest

from podbook_crds.call_rules.contracts import violations

CLOSED: dict[str, Any] = {"properties": {"alpha": {}}, "additionalProperties": False}
NEWEST = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
OLDER = {"$schema": "https://json-schema.org/draft/2019-09/schema"}


def pointers(schema: dict[str, Any], value: Any, *, closed: bool = False) -> list[str]:
    listed = violations(value, schema, models={}, root="", formats=True, closed=closed)
    return [violation.pointer for violation in listed]


def of_x(schema: Any, **more: Any) -> dict[str, Any]:
    return {**more, "properties": {"x": schema}}


def of_kind(kind: str) -> dict[str, Any]:
    return {"properties": {"kind": {"const": kind}, kind: {"type": "null"}}}


UNEVALUATED: dict[str, Any] = {
    "allOf": [{"properties": {"alpha": {}}}],
    "unevaluatedProperties": False,
}


@pytest.mark.parametrize(
    ("schema", "value", "places"),
    [
        pytest.param(CLOSED, {"b": 1, "c": 1}, ["/b", "/c"], id="additionalProperties"),
        pytest.param(of_x(CLOSED), {"x": {"b": 1, "c": 1}}, ["/x/b", "/x/c"], id="nested"),
        pytest.param(of_x({"anyOf": [False, False]}), {"x": 1}, ["/x"], id="choices of nothing"),
        pytest.param(
            of_x({"items": CLOSED}), {"x": [{"b": 1}, {"b": 1}]}, ["/x/0/b", "/x/1/b"], id="items"
        ),
        pytest.param(
            {"patternProperties": {"^a": {}}, "additionalProperties": False},
            {"a": 1, "b": 1, "c": 1},
            ["/b", "/c"],
            id="beside patterns",
        ),
        pytest.param(
            {"additionalProperties": {"type": "string"}},
            {"a": 1, "b": 2},
            ["/a", "/b"],
            id="additionalProperties of a type",
        ),
        *(
            pytest.param(
                {**draft, **UNEVALUATED}, {"b": 1, "c": 1}, ["/b", "/c"], id=f"unevaluated {name}"
            )
            for name, draft in (("2019", OLDER), ("2020", NEWEST))
        ),
        pytest.param(
            {**NEWEST, "unevaluatedProperties": {"type": "string"}},
            {"b": 1, "c": "c", "d": 1},
            ["/b", "/d"],
            id="unevaluated of a type",
        ),
        pytest.param(
            of_x({"allOf": [CLOSED, CLOSED]}), {"x": {"b": 1}}, ["/x/b"], id="forbidden twice"
        ),
        pytest.param(of_x(False), {"x": 1}, ["/x"], id="a property that is false"),
        pytest.param(
            {"patternProperties": {"^x": False}}, {"x1": 1, "x2": 1}, ["/x1", "/x2"], id="names"
        ),
        pytest.param(
            {"propertyNames": {"maxLength": 2}}, {"abc": 1, "abd": 1}, ["/abc", "/abd"], id="named"
        ),
        pytest.param({"propertyNames": False}, {"a": 1}, ["/a"], id="no names at all"),
        pytest.param(
            of_x({"prefixItems": [{}], "items": False}, **NEWEST),
            {"x": [1, 2, 3]},
            ["/x/1", "/x/2"],
            id="items that are too many",
        ),
        pytest.param(
            of_x({"items": [{}], "additionalItems": False}),
            {"x": [1, 2, 3]},
            ["/x/1", "/x/2"],
            id="additionalItems",
        ),
        pytest.param(
            of_x({"anyOf": [CLOSED | {"type": "object"}, {"type": "null"}]}),
            {"x": {"b": 1, "c": 1}},
            ["/x/b", "/x/c"],
            id="an object or null",
        ),
        pytest.param(
            of_x({"oneOf": [of_kind("a"), of_kind("b")]}),
            {"x": {"kind": "a", "a": 1}},
            ["/x/a"],
            id="one of several, told apart by a member",
        ),
    ],
)
def test_each_place_is_named(schema: dict[str, Any], value: Any, places: list[str]) -> None:
    assert pointers(schema, value) == places


def test_the_rule_of_v1_is_no_second_mistake() -> None:
    plain: dict[str, Any] = {"properties": {"alpha": {}}}

    for schema in (plain, CLOSED, {**NEWEST, **plain, "unevaluatedProperties": False}):
        assert pointers(schema, {"b": 1, "c": 1}, closed=True) == ["/b", "/c"]


def test_what_was_meant_is_suggested() -> None:
    (found,) = violations({"x": {"alhpa": 1}}, of_x(CLOSED), models={}, root="", formats=True)

    assert (found.pointer, found.suggestion) == ("/x/alhpa", "alpha")


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    (found,) = violations({"zzz": 1}, CLOSED, models={}, root="", formats=True)

    assert found.suggestion is None


PART: dict[str, Any] = {"properties": {"price": {"multipleOf": 0.01}, "never": False}}
WHOLE: dict[str, Any] = {"properties": {**PART["properties"], "x": {"$ref": "#"}}}
DYNAMIC: dict[str, Any] = {"properties": {**PART["properties"], "x": {"$dynamicRef": "#"}}}
RECURSIVE: dict[str, Any] = {"properties": {**PART["properties"], "x": {"$recursiveRef": "#"}}}


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(of_x({**NEWEST, **PART}), id="its own dialect in draft 7"),
        pytest.param(of_x({**OLDER, **PART}, **NEWEST), id="an older one in the newest"),
        pytest.param({**NEWEST, **WHOLE}, id="$ref to the root"),
        pytest.param({**NEWEST, **DYNAMIC}, id="$dynamicRef to the root"),
        pytest.param({**OLDER, **RECURSIVE}, id="$recursiveRef to the root"),
    ],
)
def test_every_part_is_judged_by_the_same_keywords(schema: dict[str, Any]) -> None:
    value = {"x": {"price": 0.07, "never": 1}}

    (found,) = violations(value, schema, models={}, root="", formats=True)

    assert (found.pointer, found.message) == (
        "/x/never",
        "is not allowed here: the contract takes no value for it",
    )
