"""A shared model becomes an object wherever in a contract it is referred to."""

from typing import Any, Final

import pytest

from podbook_crds.resources.notebook import Schema, SharedModel
from podbook_runner.parameters.python import source
from tests.support.shared_models import written

INNER: Final[dict[str, Any]] = {"$ref": "nbschema://inner"}
ONE: Final[dict[str, Any]] = {"number": 1}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SharedModel]:
    return written(tmp_path_factory.mktemp("models"))


def cell(schema: dict[str, Any], models: dict[str, SharedModel], **parameters: Any) -> list[str]:
    """Return the assignments of the cell, without the lines before them."""
    code = source(parameters, schema=schema, models=models)
    return [line for line in code.splitlines() if " = " in line]


@pytest.mark.parametrize(
    ("schema", "value", "expression"),
    [
        pytest.param(
            {
                "properties": {"a": INNER},
                "anyOf": [{"required": ["b"]}, {"required": ["a"]}],
            },
            {"a": ONE},
            "{'a': Inner(number=1)}",
            id="properties beside an anyOf",
        ),
        pytest.param(
            {"allOf": [{"properties": {"a": INNER}}, {"properties": {"b": INNER}}]},
            {"a": ONE, "b": ONE},
            "{'a': Inner(number=1), 'b': Inner(number=1)}",
            id="properties in the parts of an allOf",
        ),
        pytest.param(
            {"allOf": [{"required": ["number"]}, INNER]}, ONE, "Inner(number=1)", id="a part"
        ),
        pytest.param(
            {"items": {"oneOf": [{"type": "null"}, INNER]}},
            [None, ONE],
            "[None, Inner(number=1)]",
            id="items of several kinds",
        ),
        pytest.param(
            {"items": [{"type": "integer"}, INNER], "additionalItems": INNER},
            [1, ONE, ONE],
            "[1, Inner(number=1), Inner(number=1)]",
            id="items by their place",
        ),
        pytest.param(
            {"patternProperties": {"^n": INNER}, "additionalProperties": {"type": "object"}},
            {"n1": ONE, "m1": ONE},
            "{'n1': Inner(number=1), 'm1': {'number': 1}}",
            id="patternProperties",
        ),
        pytest.param(
            {"if": {"required": ["number"]}, "then": INNER, "else": {"type": "object"}},
            ONE,
            "Inner(number=1)",
            id="then",
        ),
        pytest.param(
            {"if": {"type": "null"}, "then": {}, "else": INNER}, ONE, "Inner(number=1)", id="else"
        ),
        pytest.param(
            {"properties": {"deep": {"properties": {"deeper": {"items": INNER}}}}},
            {"deep": {"deeper": [ONE]}},
            "{'deep': {'deeper': [Inner(number=1)]}}",
            id="deep inside",
        ),
        pytest.param({"$ref": "#/properties/value"}, ONE, "{'number': 1}", id="itself"),
    ],
)
def test_where_a_model_is_referred_to(
    schema: Any, value: Any, expression: str, models: dict[str, SharedModel]
) -> None:
    assert cell({"properties": {"value": schema}}, models, value=value) == [f"value = {expression}"]


def test_the_contract_itself_may_be_a_model(models: dict[str, SharedModel]) -> None:
    assert cell(INNER, models, number=1, children=[ONE]) == [
        "number = 1",
        "children = [Inner(number=1)]",
    ]


def test_the_contract_itself_may_be_composed(models: dict[str, SharedModel]) -> None:
    schema = {"allOf": [{"properties": {"a": INNER}}, {"properties": {"b": {"type": "object"}}}]}

    assert cell(schema, models, a=ONE, b=ONE) == ["a = Inner(number=1)", "b = {'number': 1}"]


def test_definitions_of_the_contract_may_refer_to_each_other(
    models: dict[str, SharedModel],
) -> None:
    tree = {"properties": {"leaf": INNER, "left": {"$ref": "#/$defs/a~1tree"}}}
    schema = {"$defs": {"a/tree": tree}, "properties": {"tree": {"$ref": "#/$defs/a~1tree"}}}

    assert cell(schema, models, tree={"left": {"leaf": ONE}, "leaf": ONE}) == [
        "tree = {'left': {'leaf': Inner(number=1)}, 'leaf': Inner(number=1)}"
    ]


def test_parameters_named_like_the_imports_do_not_hide_them(
    models: dict[str, SharedModel],
) -> None:
    schema: Schema = {"properties": {"SampleModel": {"$ref": "nbschema://sample_model"}}}
    value = {"foo": "a", "start_time": "2021-01-01T00:00:00", "end_time": "2021-01-01T00:00:00"}
    code = source(
        {"_datetime": 1, "_models": 2, "SampleModel": value}, schema=schema, models=models
    )

    assert "import datetime as __datetime\nimport models as __models\n" in code
    assert "SampleModel = __models.SampleModel(" in code
    assert "start_time=__datetime.datetime(2021, 1, 1, 0, 0)" in code
