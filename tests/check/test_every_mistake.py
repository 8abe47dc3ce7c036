"""`podbook check` tells everything that is wrong in a folder, by the file and the place in it."""

import json
import os
import sys
from pathlib import Path

import pytest

from podbook_catalog.checks.checked import check_folder
from podbook_cli.app import app
from rig.ipynb import notebook
from tests.support.typed import run
from tests.support.unusable_contracts import UNUSABLE, USABLE

INPUT = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
OUTPUT = {"type": "object", "required": ["y"]}
NOTEBOOK = json.dumps(notebook("1", parameters="x = 1"))


def example(**fields: object) -> str:
    return json.dumps({"input": INPUT, "output": OUTPUT, "examples": [{"name": "a", **fields}]})


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param({"podbook.toml": "slots = 0"}, "podbook.toml: /slots: ", id="a setting"),
        pytest.param({"podbook.toml": "slot = 1"}, "podbook.toml: /slot: no such key", id="a key"),
        pytest.param({"podbook.toml": 'python = "no"'}, "podbook.toml: /python: ", id="no Python"),
        pytest.param({"a.ipynb": "{"}, "a.ipynb: the ipynb is no JSON", id="no notebook"),
        pytest.param({"a.config.json": '{"a": 1,\n}'}, "a.config.json:2: a comma", id="a comma"),
        pytest.param(
            {"a.config.json": '{"input": {"type": "objekt"}}'},
            "a.config.json: /input/type: ",
            id="no schema",
        ),
        pytest.param(
            {"a.config.json": '{"input": {"properties": {"x": {"default": %s}}}}' % ("9" * 5000)},
            "a.config.json: /input/properties/x/default: a number has more than 4000 digits",
            id="digits without end",
        ),
        pytest.param(
            {"a.config.json": '{"input": {"properties": {"x": {"maximum": 1e400}}}}'},
            "a.config.json: /input/properties/x/maximum: the number 1e400 is larger",
            id="a number that none can be",
        ),
        pytest.param(
            {"a.config.json": '{"input": {"properties": {"x": {"enum": [1, %s]}}}}' % 10**400},
            "a.config.json: /input/properties/x/enum/1: a number of 401 digits is larger",
            id="a whole number beyond those that the cluster keeps",
        ),
        pytest.param(
            {"a.config.json": '{"input": {"properties": {"x": {"maximum": 1}, "y~/": [NaN]}}}'},
            "a.config.json: /input/properties/y~0~1/0: NaN is no JSON",
            id="no number",
        ),
        pytest.param(
            {"a.config.json": '{"runtime": {"env": [5]}, "output": {"maximum": 1}}'},
            "a.config.json: /runtime/env/0: an object ({…}) is expected, not a number",
            id="a number for an object",
        ),
        pytest.param(
            {"a.config.json": '{"title": {}}'},
            "a.config.json: /title: a text is expected, not an object",
            id="an object for a text",
        ),
        pytest.param(
            {"a.config.json": '{"input": {"$schema": "http://[a"}}'},
            "/$schema: 'http://[a' is no address of a dialect",
            id="no dialect",
        ),
        pytest.param(
            {
                "a.config.json": '{"input": {"properties": {"x": {"default": %s}}}}'
                % ("[" * 220 + "]" * 220)
            },
            "a.config.json: nested more than 200 levels deep",
            id="nested without end",
        ),
        pytest.param(
            {
                "a.config.json": json.dumps(
                    {
                        "input": {"properties": {"x": {"default": [None]}}},
                        "runtime": {"language": "c#"},
                    }
                )
            },
            "a.config.json: /input/properties/x/0: the contract's default: is null",
            id="a default that the language has no value for",
        ),
        pytest.param(
            {"a.config.json": '{"files": ["no*"]}'}, "a.config.json: /files: 'no*'", id="no file"
        ),
        pytest.param(
            {"a.config.json": '{"input": {"$ref": "nbschema://no"}}'},
            "a.ipynb: models cannot be imported",
            id="no models",
        ),
        pytest.param(
            {"a.config.json": '{"id": "b"}', "b.ipynb": NOTEBOOK},
            "b.ipynb: the id 'b'",
            id="one id",
        ),
        pytest.param(
            {"a.config.json": example(parameters={"x": "1"})},
            "a.config.json: /examples/0/parameters/x: ",
            id="an example's parameter",
        ),
        pytest.param(
            {"a.config.json": example(parameters={"x": 1, "z": 1})},
            "a.config.json: /examples/0/parameters/z: ",
            id="one that is not declared",
        ),
        pytest.param(
            {"a.config.json": example(parameters={"x": 1}, output={})},
            "a.config.json: /examples/0/output",
            id="an example's output",
        ),
        pytest.param(
            {"a.config.json": example(parameters={"x": 1}, reason="NotebokRaised")},
            "did you mean 'NotebookRaised'",
            id="an example's reason",
        ),
        pytest.param(
            {"a.config.json": example(parameters={"x": 1}, tolerence=1)},
            "a.config.json: /examples/0/tolerence: no such key; did you mean 'tolerance'",
            id="a key of an example",
        ),
    ],
)
def test_a_mistake_is_told_with_file_and_place(
    tmp_path: Path, files: dict[str, str], told: str
) -> None:
    for name, text in {"a.ipynb": NOTEBOOK, **files}.items():
        (tmp_path / name).write_text(text)

    errors = [str(fault) for fault in check_folder(tmp_path, python=None, environment={}).errors]

    assert len(errors) == 1
    assert told in errors[0]


def test_the_command_ends_with_one_where_there_is_a_mistake_and_says_so_in_json(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.ipynb").write_text(NOTEBOOK)
    (tmp_path / "b.config.json").write_text("{}")
    fits = run(app, "check", str(tmp_path))
    assert (fits.code, fits.out) == (0, "warning: b.config.json: there is no b.ipynb beside it\n")
    assert fits.err == "1 notebook checked, no mistake\n"

    (tmp_path / "a.config.json").write_text(example(parameters={}))
    refused = run(app, "check", str(tmp_path), "--format", "json")
    (fault, _) = json.loads(refused.out)["faults"]
    assert refused.code == 1
    assert (fault["file"], fault["pointer"]) == (
        "a.config.json",
        "/examples/0/parameters",
    )
    assert fault["severity"] == "error"
    lines = run(app, "check", str(tmp_path), "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["file"] for line in lines] == ["a.config.json", "b.config.json"]

    assert run(app, "check", str(tmp_path / "no")).code == 2


def test_a_contract_that_no_call_could_be_held_to_is_told_and_served_as_broken(
    tmp_path: Path,
) -> None:
    # Models come from Python, of which the types of fields are made: they have tests of their own.
    broken = {name: spec for name, spec in UNUSABLE if "models" not in spec}
    usable = {name: spec for name, spec in USABLE if "models" not in spec}
    for name, spec in {**broken, **usable}.items():
        (tmp_path / f"{name}.ipynb").write_text(NOTEBOOK)
        (tmp_path / f"{name}.config.json").write_text(json.dumps(spec))

    checked = check_folder(tmp_path, python=Path(sys.executable), environment=os.environ)

    assert {fault.file.partition(".")[0] for fault in checked.errors} == set(broken)
    # What `podbook up` writes into the cluster, and answers calls with.
    assert {entry.id for entry in checked.entries if not entry.spec.problem} == set(usable)


def test_what_of_a_contract_nobody_checks_is_warned_of(tmp_path: Path) -> None:
    newest = "https://json-schema.org/draft/2020-12/schema"
    oldest = "http://json-schema.org/draft-04/schema#"
    pair = {"type": "array", "prefixItems": [{"type": "integer"}]}
    bounds = {"minimum": 1, "exclusiveMinimum": True}
    contracts = {
        "pair": {"input": {"properties": {"x": pair}}},
        "needs": {"output": {"dependentRequired": {"a": ["b"]}, "minContains": 2}},
        "condition": {"input": {"$schema": oldest, "if": {"required": ["x"]}, "required": ["x"]}},
        "old": {"input": {"$schema": newest, "dependencies": {"a": ["b"]}}},
        "fine": {"input": {"$schema": newest, "properties": {"x": pair, "prefixItems": {}}}},
        "older": {"input": {"$schema": oldest, "properties": {"x": bounds}}},
        "values": {"input": {"properties": {"x": {"enum": [{"prefixItems": 1}]}}}},
    }
    for name, contract in contracts.items():
        (tmp_path / f"{name}.ipynb").write_text(NOTEBOOK)
        (tmp_path / f"{name}.config.json").write_text(json.dumps(contract))

    checked = check_folder(tmp_path, python=Path(sys.executable), environment=os.environ)

    assert checked.errors == []
    assert [(f.file.partition(".")[0], f.pointer) for f in checked.faults] == [
        ("condition", "/input/if"),
        ("needs", "/output/dependentRequired"),
        ("needs", "/output/minContains"),
        ("old", "/input/dependencies"),
        ("pair", "/input/properties/x/prefixItems"),
    ]
    said = {fault.message for fault in checked.faults if "without `$schema`" in fault.message}
    assert said == {
        f"`{name}` has no effect: draft 7, without `$schema`, does not know it"
        for name in ("dependentRequired", "minContains", "prefixItems")
    }


def test_a_parameter_that_is_called_like_a_secret_and_not_masked_is_warned_of(
    tmp_path: Path,
) -> None:
    shown = ("token", "API_KEY", "apiKey", "dbPassword", "my-secret", "privateKey", "credentials")
    other = ("max_tokens", "tokenizer", "key", "monkey", "secretary", "keyword", "primary_key")
    numbers = {"token": {"type": "integer"}, "has_secret": {"type": "boolean"}}
    masked = {"token": {"writeOnly": True}, "password": {"format": "password"}}
    contracts = {
        "shown": {key: {"type": "string"} for key in shown},
        "other": {key: {} for key in other},
        "masked": masked,
        "numbers": numbers,
    }
    for name, properties in contracts.items():
        (tmp_path / f"{name}.ipynb").write_text(NOTEBOOK)
        config = {"input": {"properties": properties}}
        (tmp_path / f"{name}.config.json").write_text(json.dumps(config))
    cells = notebook("1", parameters="api_key = ''")
    (tmp_path / "inferred.ipynb").write_text(json.dumps(cells))

    checked = check_folder(tmp_path, python=Path(sys.executable), environment=os.environ)

    assert checked.errors == []
    assert [(fault.file, fault.pointer) for fault in checked.faults] == [
        ("inferred.ipynb", ""),
        *(("shown.config.json", f"/input/properties/{name}") for name in sorted(shown)),
    ]
    assert "`api_key`" in checked.faults[0].message


def test_what_would_be_lost_in_silence_or_brought_along_unseen_is_warned_of(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "in").mkdir(parents=True)
    (tmp_path / "secret").write_text("x")
    for name in ("in/a.ipynb", "b.ipynb"):
        (folder / name).write_text(NOTEBOOK)
    for name in ("in/a.config.yaml", "other.config.yaml", "podbook.yaml", "podbook.json"):
        (folder / name).write_text("a: 1")
    (folder / "b.config.json").write_text("input: {}")
    (folder / "out.csv").symlink_to(tmp_path / "secret")
    (folder / "inside.csv").symlink_to("in/a.ipynb")
    (folder / "nowhere.csv").symlink_to("gone")

    found = check_folder(folder, python=Path(sys.executable), environment=os.environ).faults

    told = {fault.file: (fault.is_error, fault.message) for fault in found}
    assert sorted(told) == [
        *("b.config.json", "in/a.config.yaml", "out.csv", "podbook.json", "podbook.yaml"),
    ]
    assert told["b.config.json"] == (
        True,
        "it is no JSON, which begins with `{` here; YAML is not read",
    )
    assert "is JSON, in a.config.json" in told["in/a.config.yaml"][1]
    assert "leads out of the folder" in told["out.csv"][1]
    assert {told[name][0] for name in told.keys() - {"b.config.json"}} == {False}


@pytest.mark.parametrize("step", ["draft._whole", "catalog_entry._check_size"])
def test_a_mistake_of_podbooks_own_is_called_so_and_not_by_the_codes_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise TypeError("'NoneType' object is not iterable")

    (tmp_path / "a.ipynb").write_text(NOTEBOOK)
    monkeypatch.setattr(f"podbook_catalog.entries.{step}", fails)

    (fault,) = check_folder(tmp_path, python=None, environment={}).errors

    assert str(fault) == (
        "a.ipynb: it cannot be read, by a mistake of Podbook's own; its log says which"
    )
