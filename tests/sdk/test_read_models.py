"""Shared models are read by the kernel's interpreter, which knows nothing of Podbook."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from podbook_crds.call_rules.contracts import check_schema, violations
from podbook_crds.resources.notebook import SharedModel
from tests.support import pydantic_1
from tests.support.pydantic_1 import SITE

SAMPLE = """
from datetime import datetime
from jupyrest.nbschema import ModelCollection, NbSchemaBase

print("a module may print")

class SampleModel(NbSchemaBase):
    foo: str
    start_time: datetime

models = ModelCollection()
models.add_model(alias="sample_model", model_type=SampleModel)
"""


def read(folder: Path, source: str, *, python_path: str = SITE) -> dict[str, Any]:
    (folder / "models.py").write_text(source)
    spec = find_spec("podbook.read_models")
    assert spec is not None
    assert spec.origin is not None
    # Without `site` an interpreter knows what PYTHONPATH names, and no editable install of ours.
    done = subprocess.run(
        [sys.executable, "-S", spec.origin, str(folder), "models"],
        env={**os.environ, "PYTHONPATH": python_path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == int("error" in answer), done.stderr
    return answer


def test_a_model_is_described_by_its_import_path_and_schema(tmp_path: Path) -> None:
    models = read(tmp_path, SAMPLE)["models"]

    assert models["sample_model"]["import"] == "models:SampleModel"
    properties = models["sample_model"]["schema"]["properties"]
    assert properties["start_time"] == {
        "format": "date-time",
        "title": "Start Time",
        "type": "string",
    }


def test_models_inside_of_models_are_described_with_where_they_come_from(tmp_path: Path) -> None:
    nested = SAMPLE + (
        "class Outer(NbSchemaBase):\n    inner: SampleModel\nmodels.add_model('outer', Outer)\n"
    )

    definitions = read(tmp_path, nested)["models"]["outer"]["schema"]["$defs"]

    assert definitions["SampleModel"]["x-podbook-import"] == "models:SampleModel"


def test_a_second_model_of_an_alias_in_one_collection_changes_nothing(tmp_path: Path) -> None:
    twice = SAMPLE + (
        "class Other(NbSchemaBase):\n    bar: int\n"
        "models.add_model('sample_model', Other)\nmodels.add_model('other', Other)\n"
        "models.add_model('other', SampleModel, overwrite=True)\n"
    )

    found = read(tmp_path, twice)["models"]

    assert {alias: model["import"] for alias, model in found.items()} == {
        "sample_model": "models:SampleModel",
        "other": "models:SampleModel",
    }


@pytest.mark.parametrize(
    ("added", "said"),
    [
        pytest.param("import no_such_module", "No module named 'no_such_module'", id="import"),
        pytest.param("1 / 0", "ZeroDivisionError", id="raises"),
        pytest.param("raise SystemExit(3)", "SystemExit: 3", id="exits"),
        pytest.param(
            "more = ModelCollection()\nmore.add_model('sample_model', SampleModel)",
            "'sample_model' is claimed by two collections, models and more",
            id="two collections, one alias",
        ),
        pytest.param("models.add_model('x', 5)", "model 'x': 5 is no subclass", id="no model"),
        pytest.param(
            "def f():\n    class Local(NbSchemaBase):\n        x: int\n    return Local\n"
            "models.add_model('local', f())",
            "define it at the top of a module",
            id="a class that cannot be imported",
        ),
        pytest.param(
            "from typing import Callable\n"
            "class Odd(NbSchemaBase):\n    f: Callable[[int], int]\n"
            "models.add_model('odd', Odd)",
            "model 'odd' has no JSON Schema",
            id="a field that JSON Schema cannot say",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, added: str, said: str) -> None:
    assert said in read(tmp_path, SAMPLE + added)["error"]


def test_an_error_names_the_line_of_the_users_own_file(tmp_path: Path) -> None:
    assert "models.py, line" in read(tmp_path, SAMPLE + "1 / 0")["error"]


def test_an_interpreter_with_pydantic_1_reads_its_models_too(tmp_path: Path) -> None:
    nested = SAMPLE + (
        "class Outer(NbSchemaBase):\n    inner: SampleModel\nmodels.add_model('outer', Outer)\n"
    )

    models = read(tmp_path, nested, python_path=pydantic_1.python_path(tmp_path))["models"]

    assert models["sample_model"]["import"] == "models:SampleModel"
    assert models["sample_model"]["schema"]["required"] == ["foo", "start_time"]
    definition = models["outer"]["schema"]["definitions"]["SampleModel"]
    assert definition["x-podbook-import"] == "models:SampleModel"


TUPLE = """
from typing import Tuple
from jupyrest.nbschema import ModelCollection, NbSchemaBase

class Pair(NbSchemaBase):
    pair: Tuple[int, str]

models = ModelCollection()
models.add_model("pair", Pair)
"""


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("dialect", ["draft/2020-12/schema", None])
def test_a_tuple_is_judged_whatever_dialect_the_contract_is_written_in(
    version: int, dialect: str | None, tmp_path: Path
) -> None:
    path = pydantic_1.python_path(tmp_path) if version == 1 else SITE
    models = {
        alias: SharedModel.model_validate(model)
        for alias, model in read(tmp_path, TUPLE, python_path=path)["models"].items()
    }
    said = {"$schema": f"https://json-schema.org/{dialect}"} if dialect else {}
    contract: dict[str, Any] = {**said, "properties": {"x": {"$ref": "nbschema://pair"}}}

    check_schema(contract, models)
    (found,) = violations({"x": {"pair": [1, 2]}}, contract, models=models, root="", formats=True)

    assert found.pointer == "/x/pair/1"


def test_a_type_that_json_has_no_form_for_is_named_in_plain_words(tmp_path: Path) -> None:
    source = TUPLE.replace("class Pair", "class Socket: pass\n\nclass Pair").replace(
        "    pair: Tuple[int, str]",
        "    model_config = {'arbitrary_types_allowed': True}\n    socket: Socket",
    )

    said = read(tmp_path, source)["error"]

    assert said.startswith("model 'pair' has no JSON Schema: a field is of a type")
    assert "(models.Socket)" in said
    assert "core_schema" not in said
    assert "\n" not in said
