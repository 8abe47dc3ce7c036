"""Which changes of a contract break a caller: rules, and an example where there is one."""

from typing import Any

import pytest

from podbook_catalog.compatibility.verdicts import Judgement, Side, judge

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def of(*properties: Any, **more: Any) -> dict[str, Any]:
    """A contract of members x, y, …"""
    members = dict(zip("xyz", properties, strict=False))
    return {"type": "object", "properties": members, **more}


def judged(old: Any, new: Any, *, at: str = "input", **more: Any) -> Judgement:
    return judge("n", Side.of({at: old}), Side.of({at: new, **more}))


RANGE = {**WHOLE, "minimum": 0, "maximum": 10}
CASES = [
    # Old, new, whether callers break by it as an input, and as an output.
    pytest.param(of(TEXT), of(TEXT), "same", "same", id="nothing"),
    pytest.param(of(TEXT), of({**TEXT, "title": "X"}), "compatible", "compatible", id="words"),
    pytest.param(of(TEXT), of(TEXT, WHOLE), "compatible", "compatible", id="a member more"),
    pytest.param(
        of(TEXT), of(TEXT, WHOLE, required=["y"]), "breaking", "compatible", id="one more, required"
    ),
    pytest.param(of(TEXT, WHOLE), of(TEXT), "breaking", "compatible", id="a member less"),
    pytest.param(of(TEXT), of(TEXT, required=["x"]), "breaking", "compatible", id="required"),
    pytest.param(of(TEXT, required=["x"]), of(TEXT), "compatible", "breaking", id="optional"),
    pytest.param(of(WHOLE), of({"type": "number"}), "compatible", "breaking", id="a wider type"),
    pytest.param(of({"type": "number"}), of(WHOLE), "breaking", "compatible", id="a narrower one"),
    pytest.param(of(TEXT), of(WHOLE), "breaking", "breaking", id="another type"),
    pytest.param(
        of(TEXT), of({"type": ["string", "null"]}), "compatible", "breaking", id="null as well"
    ),
    pytest.param(
        of({"enum": ["a"]}), of({"enum": ["a", "b"]}), "compatible", "breaking", id="a value more"
    ),
    pytest.param(
        of({"enum": ["a", "b"]}), of({"enum": ["a"]}), "breaking", "compatible", id="a value less"
    ),
    pytest.param(of(TEXT), of({"enum": ["a"]}), "breaking", "compatible", id="listed values"),
    pytest.param(
        of({"const": "a"}), of({**TEXT, "minLength": 1}), "compatible", "breaking", id="a constant"
    ),
    pytest.param(
        of(RANGE), of({**RANGE, "maximum": 5}), "breaking", "compatible", id="a lower maximum"
    ),
    pytest.param(
        of(RANGE), of({**RANGE, "minimum": -5}), "compatible", "breaking", id="a lower minimum"
    ),
    pytest.param(
        of(RANGE),
        of({**WHOLE, "minimum": 0, "exclusiveMaximum": 10}),
        "breaking",
        "compatible",
        id="an end that does not count",
    ),
    pytest.param(
        of({**TEXT, "maxLength": 5}), of({**TEXT, "maxLength": 3}), "breaking", "compatible",
        id="a shorter text",
    ),
    pytest.param(
        of({**TEXT, "minLength": 0}), of(TEXT), "compatible", "compatible", id="a length of none"
    ),
    pytest.param(
        of(TEXT), of({**TEXT, "pattern": "^a"}), "breaking", "compatible", id="a pattern"
    ),
    pytest.param(
        of(TEXT), of({**TEXT, "format": "date"}), "breaking", "compatible", id="a format"
    ),
    pytest.param(
        of({**WHOLE, "multipleOf": 6}), of({**WHOLE, "multipleOf": 3}), "compatible", "breaking",
        id="a finer step",
    ),
    pytest.param(
        of({"type": "array", "items": WHOLE}),
        of({"type": "array", "items": {"type": "number"}, "maxItems": 3}),
        "breaking", "breaking", id="items wider, fewer of them",
    ),
    pytest.param(
        of({"type": "array"}), of({"type": "array", "uniqueItems": True}), "breaking",
        "compatible", id="items that differ",
    ),
    pytest.param(
        of({"anyOf": [TEXT, WHOLE]}), of({"anyOf": [WHOLE, TEXT, {"type": "null"}]}),
        "compatible", "breaking", id="an alternative more",
    ),
    pytest.param(
        {**of(), "$defs": {"A": TEXT}, "properties": {"x": {"$ref": "#/$defs/A"}}},
        of({**TEXT, "minLength": 0}), "compatible", "compatible", id="behind a reference",
    ),
    pytest.param(
        of(TEXT), of({"not": WHOLE}), "breaking", "breaking", id="what cannot be proved"
    ),
    pytest.param(
        of(of(TEXT)), of(of(TEXT, additionalProperties=False)), "breaking", "compatible",
        id="closed, further in",
    ),
    pytest.param(None, of(TEXT), "breaking", "compatible", id="the first contract"),
    pytest.param(of(TEXT), None, "compatible", "breaking", id="no contract any more"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "inward", "outward"), CASES)
def test_a_change_breaks_callers_by_its_direction(
    old: Any, new: Any, inward: str, outward: str
) -> None:
    assert judged(old, new).verdict == inward
    assert judged(old, new, at="output").verdict == outward


def test_an_example_shows_the_call_that_breaks() -> None:
    found = judged(of(RANGE), of({**RANGE, "maximum": 5}))

    value, why = found.examples["input"]
    assert 5 < value["x"] <= 10
    assert "maximum" in why
    assert [(f.pointer, f.message) for f in found.findings] == [("/input/x", "`maximum` is 5 now")]


def test_an_output_that_is_not_enforced_any_more_is_no_promise() -> None:
    found = judged(of(TEXT), of(TEXT), at="output", outputValidation="report")

    assert found.is_breaking
    assert "outputValidation" in found.findings[0].message


def test_a_contract_that_was_only_inferred_promised_nothing() -> None:
    old = Side.of({"input": of(TEXT), "inferred": True})

    assert judge("n", old, Side.of({})).verdict == "same"


def test_shared_models_are_looked_into() -> None:
    def side(schema: Any) -> Side:
        model = {"import": "models:Customer", "schema": schema}
        return Side.of(
            {"input": of({"$ref": "nbschema://customer"}), "models": {"customer": model}}
        )

    assert judge("n", side(of(TEXT)), side(of(TEXT, required=["x"]))).is_breaking
    assert judge("n", side(of(TEXT)), side(of({}))).verdict == "compatible"


def test_schemas_that_lead_to_themselves_are_compared() -> None:
    def tree(leaf: Any) -> Any:
        node = {"type": "object", "properties": {"leaf": leaf, "next": {"$ref": "#/$defs/N"}}}
        return {"$defs": {"N": node}, "$ref": "#/$defs/N"}

    assert judged(tree(WHOLE), tree({"type": "number"})).verdict == "compatible"
    assert judged(tree({"type": "number"}), tree(WHOLE)).is_breaking


def test_a_schema_that_multiplies_itself_comes_to_an_end() -> None:
    def bomb(leaf: Any) -> Any:
        levels = {
            f"L{n}": {"anyOf": [{"$ref": f"#/$defs/L{n + 1}"}] * 8, "properties": {f"p{n}": {}}}
            for n in range(12)
        }
        return {"$defs": {**levels, "L12": leaf}, "$ref": "#/$defs/L0"}

    assert judged(bomb(TEXT), bomb(WHOLE)).is_breaking
