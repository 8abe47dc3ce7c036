import json
from typing import Any

import pytest

from podbook_crds.content import blob_digest, blob_path
from tests.local.folder.conftest import Catalog


def test_a_notebook_alone_is_an_entry_with_a_contract_read_from_its_cell(catalog: Catalog) -> None:
    catalog.put("a.ipynb", parameters="count: int = 3")

    entry = catalog.read("a.ipynb")

    assert entry.id == "a"
    assert entry.spec.inferred
    assert entry.spec.input is not None
    properties: Any = entry.spec.input["properties"]
    assert properties["count"] == {"type": "integer", "default": 3}


def test_a_config_is_the_contract_and_nothing_is_inferred(catalog: Catalog) -> None:
    catalog.put("a.ipynb", {"output": {"type": "null"}}, parameters="count = 3")

    spec = catalog.read("a.ipynb").spec

    assert (spec.inferred, spec.input, spec.output) == (False, None, {"type": "null"})


def test_the_ipynb_and_its_files_are_blobs_in_the_store(catalog: Catalog) -> None:
    catalog.put("a.ipynb")
    catalog.write("data/x.csv", "1,2\n")

    spec = catalog.read("a.ipynb").spec

    ipynb = (catalog.root / "a.ipynb").read_bytes()
    assert spec.source.blob == blob_digest(ipynb)
    assert (catalog.store / blob_path(blob_digest(ipynb))).read_bytes() == ipynb
    (file,) = spec.files
    assert (file.path, file.size) == ("data/x.csv", 4)
    assert (catalog.store / blob_path(file.blob or "")).read_bytes() == b"1,2\n"


def test_an_edited_file_is_another_blob(catalog: Catalog) -> None:
    catalog.put("a.ipynb")
    catalog.write("x.csv", "1")
    before = catalog.read("a.ipynb").spec.files
    catalog.write("x.csv", "2")

    assert catalog.read("a.ipynb").spec.files != before


def test_an_id_of_its_own_keeps_the_notebooks_place_among_its_files(catalog: Catalog) -> None:
    catalog.put("deep/a.ipynb", {"id": "finance/report"})

    entry = catalog.read("deep/a.ipynb")

    assert (entry.id, entry.spec.path) == ("finance/report", "deep/a.ipynb")


@pytest.mark.parametrize("notebook_id", ["/a", "a/../b", "a//b", "a/", "tab\t", "."])
def test_an_id_that_is_no_relative_path_is_refused(catalog: Catalog, notebook_id: str) -> None:
    catalog.put("a.ipynb", {"id": notebook_id})

    assert "/id:" in (catalog.read("a.ipynb").spec.problem or "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param('{"cells": [', "the ipynb is no JSON", id="half saved"),
        pytest.param("", "the ipynb is no JSON", id="empty"),
        pytest.param("[1]", "no list of cells", id="another JSON"),
        pytest.param('{"worksheets": 3}', "no list of cells", id="nothing on its worksheets"),
    ],
)
def test_a_file_that_is_no_notebook_is_kept_with_its_problem(
    catalog: Catalog, text: str, says: str
) -> None:
    catalog.write("a.ipynb", text)

    entry = catalog.read("a.ipynb")

    assert entry.id == "a"
    assert says in (entry.spec.problem or "")


def test_a_notebook_of_format_3_is_served_as_it_was_saved(catalog: Catalog) -> None:
    cell = {"cell_type": "code", "language": "python", "input": ["a = 1\n", "a"], "outputs": []}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}
    catalog.write("old.ipynb", json.dumps(old))

    entry = catalog.read("old.ipynb")

    assert (entry.spec.problem, entry.spec.runtime.language) == (None, "python")


@pytest.mark.parametrize(
    ("config", "says"),
    [
        pytest.param('{"input": }', "a.config.json, line 1, column 11", id="no JSON"),
        pytest.param(
            {"input": {"type": "strin"}},
            "a.config.json: /input/type: 'strin' is no type",
            id="no schema",
        ),
        pytest.param(
            {"output": {"$ref": "nbschema://sample"}},
            "/output: nbschema://sample: no model of that alias; known are: none",
            id="an alias that nobody claims",
        ),
        pytest.param(
            {"files": ["x.csv"]}, "'x.csv' matches no file", id="a file that is not there"
        ),
        pytest.param(
            {"overrides": {"env": ["BASH_ENV"]}},
            "a.config.json: /overrides/env: 'BASH_ENV' can be allowed to no call",
            id="a variable that no call may set",
        ),
        pytest.param(
            {"overrides": {"resources": {"memory": "lots"}}},
            "/overrides/resources/memory: 'lots' is no quantity",
            id="no amount",
        ),
        pytest.param(
            {"runtime": {"resources": {"limits": {"memory": "1GB"}}}},
            "a.config.json: /runtime/resources/limits/memory: '1GB' is no quantity",
            id="no quantity",
        ),
        pytest.param(
            {"overrides": {"environment": ["STAGE"]}}, "/overrides/environment: no", id="misspelt"
        ),
        pytest.param(
            {"runtime": {"kernel": "fortran"}}, "no kernel 'fortran' is installed", id="no kernel"
        ),
    ],
)
def test_what_is_wrong_with_a_config_is_the_notebooks_problem(
    catalog: Catalog, config: Any, says: str
) -> None:
    if "nbschema" in str(config):
        catalog.write("models.py", "")
    catalog.put("a.ipynb", config)

    assert says in (catalog.read("a.ipynb").spec.problem or "")


def test_what_people_write_in_every_pod_and_schema_is_taken(catalog: Catalog) -> None:
    limits = {"cpu": 1, "nvidia.com/gpu": 1, "memory": "1Gi"}
    catalog.put("a.ipynb", {"output": True, "runtime": {"resources": {"limits": limits}}})

    spec = catalog.read("a.ipynb").spec

    assert (spec.problem, spec.output) == (None, {})
    assert spec.runtime.resources.limits == {"cpu": "1", "nvidia.com/gpu": "1", "memory": "1Gi"}


def test_what_calls_may_override_stands_in_the_config(catalog: Catalog) -> None:
    catalog.put("a.ipynb", {"overrides": {"env": ["STAGE"], "resources": {"cpu": 4}}})

    overrides = catalog.read("a.ipynb").spec.overrides

    assert overrides is not None
    assert overrides.to_wire() == {"env": ["STAGE"], "resources": {"cpu": "4"}, "kernel": []}


def test_a_config_that_is_broken_just_now_does_not_take_the_id_away(catalog: Catalog) -> None:
    catalog.put("a.ipynb", '{"id": "mine",')

    entry = catalog.read("a.ipynb", last_id="mine")

    assert entry.id == "mine"
    assert entry.spec.problem


def test_a_problem_names_no_place_outside_of_the_folder(catalog: Catalog) -> None:
    catalog.put("a.ipynb", {"files": ["../secret.csv"]})

    assert str(catalog.root) not in (catalog.read("a.ipynb").spec.problem or "")


MODELS = """
from pydantic import BaseModel
from podbook.nbschema import ModelCollection

class Sample(BaseModel):
    foo: str

collection = ModelCollection()
collection.add_model(alias="sample", model_type=Sample)
"""


def test_shared_models_come_with_their_schema_and_import_path(catalog: Catalog) -> None:
    catalog.write("models.py", MODELS)
    catalog.put("a.ipynb", {"input": {"properties": {"x": {"$ref": "nbschema://sample"}}}})

    spec = catalog.read("a.ipynb").spec

    assert spec.problem is None
    assert spec.models["sample"].import_path == "models:Sample"
    assert spec.models["sample"].json_schema["required"] == ["foo"]


def test_models_beside_the_notebook_come_before_the_roots(catalog: Catalog) -> None:
    catalog.write("models.py", "raise RuntimeError('the wrong one')")
    catalog.write("deep/models.py", MODELS)
    catalog.put("deep/a.ipynb", {"input": {"$ref": "nbschema://sample"}})

    assert catalog.read("deep/a.ipynb").spec.problem is None


def test_models_that_do_not_import_are_a_problem_of_those_who_use_them(catalog: Catalog) -> None:
    catalog.write("models.py", "import nothing_of_that_name")
    catalog.put("uses.ipynb", {"input": {"$ref": "nbschema://sample"}})
    catalog.put("uses_not.ipynb", {"input": {"type": "object"}})

    assert "nothing_of_that_name" in (catalog.read("uses.ipynb").spec.problem or "")
    assert catalog.read("uses_not.ipynb").spec.problem is None


def test_an_error_that_nobody_thought_of_is_the_problem_of_one_notebook(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    catalog.put("a.ipynb")
    monkeypatch.setattr("podbook_catalog.entries.draft.settle", lambda *_, **__: 1 / 0)

    assert "a mistake of Podbook's own" in (catalog.read("a.ipynb").spec.problem or "")
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("code", ["def", "x = '\0'", "x = " + "(" * 1000])
def test_a_parameters_cell_that_is_no_python_costs_the_contract_only(
    catalog: Catalog, code: str
) -> None:
    catalog.put("a.ipynb", parameters=code)

    spec = catalog.read("a.ipynb").spec

    assert (spec.problem, spec.input) == (None, None)


def test_a_path_that_is_too_long_for_an_id_is_refused_and_kept(catalog: Catalog) -> None:
    path = "/".join(["x" * 200] * 3) + ".ipynb"
    catalog.put(path)

    entry = catalog.read(path)

    assert "more than 512 characters" in (entry.spec.problem or "")
    assert len(entry.id) == 512


def test_a_parameters_cell_of_any_size_is_documented_as_far_as_that_helps(
    catalog: Catalog,
) -> None:
    catalog.put("long.ipynb", parameters=f"a: str = '{'x' * 2_000_000}'\nb = 1")
    catalog.put("many.ipynb", parameters="\n".join(f"name_{n} = {n}" for n in range(20_000)))

    schema = catalog.read("long.ipynb").spec.input

    assert schema == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "integer", "default": 1}},
    }
    many = catalog.read("many.ipynb").spec
    assert (many.problem, many.input) == (None, None)


def test_a_contract_that_no_cluster_could_store_is_refused_with_its_size(
    catalog: Catalog,
) -> None:
    catalog.put("a.ipynb", {"input": {"description": "x" * 2_000_000}})

    problem = catalog.read("a.ipynb").spec.problem or ""

    assert problem.endswith("KiB together, more than 1024; make the contract smaller")
