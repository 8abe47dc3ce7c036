"""A value is checked against its contract, and every failing place is named."""

from typing import Any

import pytest

from podbook_crds.call_rules import parameters
from podbook_crds.call_rules.contracts import check_schema, violations
from podbook_crds.errors import InvalidContract, InvalidParameters
from podbook_crds.resources.notebook import SharedModel

SAMPLE = SharedModel.model_validate(
    {
        "import": "models:SampleModel",
        "schema": {
            "type": "object",
            "properties": {"foo": {"type": "string"}, "start": {"$ref": "#/$defs/When"}},
            "required": ["foo"],
            "$defs": {"When": {"type": "string", "format": "date-time"}},
        },
    }
)
MODELS = {"sample_model": SAMPLE}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "objects": {"type": "array", "items": {"$ref": "nbschema://sample_model"}},
        "start": {"type": "string", "format": "date-time"},
    },
    "required": ["objects"],
}


def found(value: Any, *, formats: bool = True) -> dict[str, str]:
    listed = violations(value, SCHEMA, models=MODELS, root="/parameters", formats=formats)
    return {violation.pointer: violation.message for violation in listed}


def test_a_value_that_fits_has_no_violation() -> None:
    assert found({"objects": [{"foo": "a"}], "start": "2021-02-28T04:09:09.5730000Z"}) == {}


def test_every_violation_is_listed_with_its_pointer_into_shared_models_too() -> None:
    listed = found({"objects": [{"foo": 1}, {"foo": "a", "start": "yesterday"}], "start": 5})

    assert listed == {
        "/parameters/objects/0/foo": "1 is not of type 'string'",
        "/parameters/objects/1/start": "'yesterday' is not a 'date-time'",
        "/parameters/start": "5 is not of type 'string'",
    }


@pytest.mark.parametrize("draft", ["draft-04", "draft-06", "draft-07", "2019-09", "2020-12"])
def test_a_multiple_is_counted_in_decimals(draft: str) -> None:
    host = "https://json-schema.org/draft" if draft[0] == "2" else "http://json-schema.org"
    dialect = f"{host}/{draft}/schema" + ("#" if draft[0] == "d" else "")

    def fits(value: float, step: float) -> bool:
        schema: dict[str, Any] = {"$schema": dialect, "multipleOf": step}
        return not violations(value, schema, models={}, root="", formats=True)

    fitting = [(0.07, 0.01), (19.99, 0.01), (0.3, 0.1), (-4.35, 0.05), (1e300, 1e-300), (9, 3)]
    fitting += [(10**4000, 0.01), (0, 0.01), (1e308, 5e-324), (7, 3.5)]
    assert [pair for pair in fitting if not fits(*pair)] == []
    others = [(0.075, 0.01), (0.1 + 0.2, 0.1), (1e-310, 1e-300), (10, 3), (1, 0.3)]
    assert [pair for pair in others if fits(*pair)] == []


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        pytest.param({"properties": {"a": {"type": "strin"}}}, "'strin' is no type", id="type"),
        pytest.param({"properties": {"a": {"pattern": "("}}}, "pattern", id="pattern"),
        pytest.param({"properties": 5}, "/properties", id="properties"),
        pytest.param({"required": 3}, "/required", id="required"),
        pytest.param({"properties": {"a": {"minLength": "x"}}}, "minLength", id="bound"),
        pytest.param({"properties": {"a": {"$ref": "nbschema://wrong"}}}, "shared", id="model"),
    ],
)
def test_a_schema_that_is_none_is_said_to_be_so_and_not_tripped_over(
    schema: dict[str, Any], said: str
) -> None:
    wrong = SharedModel.model_validate({"import": "models:Wrong", "schema": {"type": "strin"}})

    with pytest.raises(InvalidContract, match=said):
        violations({"a": "b"}, schema, models={"wrong": wrong}, root="/parameters", formats=True)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        pytest.param("2021-01-01T00:00:00", True, id="naive, as notebooks use it"),
        pytest.param("2021-01-01T00:00:00+02:00", True, id="with an offset"),
        pytest.param("2021-01-01", False, id="a date is no date-time"),
        pytest.param("2021-13-01T00:00:00", False, id="no such month"),
    ],
)
def test_date_time(text: str, fits: bool) -> None:
    assert (found({"objects": [], "start": text}) == {}) is fits


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(None, "null is not of type 'string'", id="null"),
        pytest.param(True, "true is not of type 'string'", id="true"),
    ],
)
def test_a_violation_shows_what_json_has(value: Any, said: str) -> None:
    assert found({"objects": [{"foo": value}]}) == {"/parameters/objects/0/foo": said}


def test_formats_are_asserted_only_on_request() -> None:
    assert found({"objects": [], "start": "yesterday"}, formats=False) == {}


def test_an_unknown_alias_is_named_with_the_known_ones() -> None:
    with pytest.raises(InvalidContract, match=r"nbschema://other: no model.*sample_model"):
        check_schema({"$ref": "nbschema://other"}, MODELS)


def test_a_reference_that_leads_nowhere_is_named() -> None:
    check_schema({"definitions": {"a": {}}, "items": {"$ref": "#/definitions/a"}}, {})

    with pytest.raises(InvalidContract, match="#/definitions/b: the schema has nothing there"):
        check_schema({"definitions": {"a": {}}, "items": {"$ref": "#/definitions/b"}}, {})


def test_a_schema_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidContract, match=r"/type: 'strin' is no type; write one of array"):
        check_schema({"type": "strin"}, {})


@pytest.mark.parametrize(
    "name",
    ["x = 1\nimport os; y", "1st", "a-b", "class", "", "x" * 64, "naïve", "x\n", "__debug__"],
)
def test_a_parameter_name_that_is_no_identifier_is_refused(name: str) -> None:
    with pytest.raises(InvalidParameters):
        parameters.check({name: 1})


def test_an_undeclared_member_is_refused_only_where_the_contract_is_closed() -> None:
    schema: dict[str, Any] = {"properties": {"a": {}}}

    assert undeclared({"b": 1}, schema, closed=False) == {}
    assert undeclared({"b": 1}, {**schema, "additionalProperties": True}, closed=True) == {}
    assert undeclared({"b": 1}, schema, closed=True) == {
        "/parameters/b": "is not declared; declared are: a"
    }


def undeclared(value: Any, schema: dict[str, Any], *, closed: bool) -> dict[str, str]:
    listed = violations(value, schema, models={}, root="/parameters", formats=True, closed=closed)
    return {violation.pointer: violation.message for violation in listed}
