"""The names of jupyrest mean what they meant."""

import json
from pathlib import Path
from typing import Any

import pytest

import jupyrest
import podbook
from jupyrest.nbschema import ModelCollection, NbSchemaBase


@pytest.mark.parametrize(
    ("data", "plain"),
    [
        pytest.param('{"msg": "some json string"}', {"msg": "some json string"}, id="JSON text"),
        pytest.param("2024", 2024, id="a number as text"),
        pytest.param("{'msg': 'no json'}", "{'msg': 'no json'}", id="other text stays text"),
        pytest.param("[NaN]", [None], id="NaN, which Python reads"),
        pytest.param({"a": 4, "b": 5}, {"a": 4, "b": 5}, id="an object"),
    ],
)
def test_save_output_parses_json_text(
    data: Any, plain: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PODBOOK_OUTPUT", str(tmp_path / "output.json"))

    jupyrest.save_output(data)

    assert json.loads((tmp_path / "output.json").read_text()) == plain


def test_podbooks_own_save_output_keeps_text_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PODBOOK_OUTPUT", str(tmp_path / "output.json"))

    podbook.save_output("2024")

    assert json.loads((tmp_path / "output.json").read_text()) == "2024"


class Sample(NbSchemaBase):
    foo: str


class Other(NbSchemaBase):
    bar: int


def test_a_collection_keeps_the_first_model_of_an_alias_unless_told_otherwise() -> None:
    collection = ModelCollection()
    collection.add_model(alias="a", model_type=Sample)
    collection.add_model(alias="a", model_type=Other)
    collection.add_model(alias="b", model_type=Sample)
    collection.add_model(alias="b", model_type=Other, overwrite=True)

    expected: dict[str, type[NbSchemaBase]] = {"a": Sample, "b": Other}
    assert dict(collection) == expected


def test_a_model_is_a_subclass_of_the_base() -> None:
    with pytest.raises(TypeError, match="model 'a': 5 is no subclass of NbSchemaBase"):
        ModelCollection().add_model(alias="a", model_type=5)  # type: ignore[arg-type]
