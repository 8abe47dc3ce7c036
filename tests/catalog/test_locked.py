"""What stands in podbook.lock.json is believed where nothing is run, as far as it is current."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from podbook_catalog.checks.checked import check_folder
from podbook_catalog.interpreter import Interpreter
from podbook_catalog.locked.lock_file import read_lock
from podbook_catalog.locked.locking import locked
from podbook_catalog.snapshot import Snapshot, read_snapshot
from podbook_cli.app import app
from rig.ipynb import notebook

PYTHON = Interpreter(Path(sys.executable), Path(sys.prefix), "3", "the tests")
MODELS = """
from fields import NAME
from jupyrest.nbschema import ModelCollection, NbSchemaBase


class Customer(NbSchemaBase):
    name: NAME


models = ModelCollection()
models.add_model("customer", Customer)
"""
REFERS = {"input": {"properties": {"who": {"$ref": "nbschema://customer"}}}}


def fill(folder: Path, *, place: str = "") -> None:
    """Write a notebook that refers to a shared model, and that model, which imports another."""
    files = {
        "fields.py": "NAME = str\n",
        f"{place}models.py": MODELS,
        "other.py": "",
        f"{place}typed.ipynb": json.dumps(notebook("1")),
        f"{place}typed.config.json": json.dumps(REFERS),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def types(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, [*words, "--python", sys.executable])
    return done.exit_code, done.stdout + done.stderr


def followed(folder: Path) -> Snapshot:
    """Return the folder as a loader reads it that runs nothing."""
    return read_snapshot(folder, interpreter=None, environment={}, is_local=False)


def read(folder: Path) -> Snapshot:
    return read_snapshot(folder, interpreter=PYTHON, environment=os.environ, is_local=False)


def faults(folder: Path) -> list[tuple[str, str]]:
    checked = check_folder(folder, python=Path(sys.executable), environment=os.environ)
    return [(fault.file, fault.message) for fault in checked.faults]


@pytest.mark.parametrize("place", ["", "reports/my own/"], ids=["beside all", "in a folder"])
def test_schemas_of_shared_models_hold_as_long_as_what_they_were_made_of(
    tmp_path: Path, place: str
) -> None:
    fill(tmp_path, place=place)
    (problem,) = followed(tmp_path).problems.values()
    assert "`podbook render DIR --lock` writes them" in problem

    code, said = types("render", str(tmp_path), "--lock")

    assert (code, "commit it" in said) == (0, True), said
    by_lock, by_import = followed(tmp_path), read(tmp_path)
    assert by_lock.problems == {}
    # The very same notebook, whichever way it comes to the cluster.
    assert [e.wire for e in by_lock.entries] == [e.wire for e in by_import.entries]
    assert "customer" in by_lock.entries[0].spec.models
    assert types("render", str(tmp_path), "--lock") == (0, "")
    assert faults(tmp_path) == []

    # What it was not made of may change, and lines may end as on Windows.
    (tmp_path / "other.py").write_text("1")
    (tmp_path / "fields.py").write_bytes(b"NAME = str\r\n")
    assert followed(tmp_path).problems == {}

    (tmp_path / "fields.py").write_text("NAME = int\n")
    (problem,) = followed(tmp_path).problems.values()
    assert "fields.py is not what their schemas in podbook.lock.json were made of" in problem
    ((file, message),) = faults(tmp_path)
    assert (file, "render DIR --lock" in message) == ("podbook.lock.json", True)
    assert types("render", str(tmp_path), "--lock")[0] == 0
    assert followed(tmp_path).problems == {}


def deep() -> str:
    return "[" * 100_000


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[]", "<<<<<<< HEAD", '{"models": 1}', '"x"', "null", deep()),
        '{"models": [{"module": "models", "models": {"customer": {"schema": {}}}}]}',
    ],
    ids=lambda text: text[:9],
)
def test_a_lock_file_that_cannot_be_read_is_told_of_to_whom_it_concerns(
    tmp_path: Path, text: str
) -> None:
    fill(tmp_path)
    (tmp_path / "plain.ipynb").write_text(json.dumps(notebook("1")))
    (tmp_path / "podbook.lock.json").write_text(text)

    found = followed(tmp_path)

    assert found.problems.keys() == {"typed.ipynb"}
    assert found.problems["typed.ipynb"].startswith("podbook.lock.json: ")
    assert [file for file, _ in faults(tmp_path)] == ["podbook.lock.json"]


def test_sources_outside_the_folder_are_not_looked_at(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    fill(folder)
    (tmp_path / "secret").write_text("x")
    held: dict[str, Any] = {"import": "models:Customer", "schema": {"type": "object"}}
    for path in ("../secret", str(tmp_path / "secret"), "/dev/zero"):
        module = {"module": "models", "sources": {path: "sha256:x"}, "models": {"customer": held}}
        (folder / "podbook.lock.json").write_text(json.dumps({"models": [module]}))
        assert "is not what" in followed(folder).problems["typed.ipynb"]


def test_what_is_needed_is_called_by_its_lock_which_stays_until_it_is_taken_away(
    tmp_path: Path,
) -> None:
    (tmp_path / "needs.ipynb").write_text(json.dumps(notebook("1")))
    (tmp_path / "needs.config.json").write_text('{"requirements": ["six"]}')

    def named() -> str:
        return followed(tmp_path).entries[0].spec.runtime.environment or ""

    def lock(version: int) -> str:
        before = read_lock(tmp_path)
        made = locked(read(tmp_path), before, lock=lambda _: f"six=={version} --hash=sha256:aa")
        (tmp_path / "podbook.lock.json").write_text(made.text)
        return made.environments[0].digest

    assert named().startswith("unlocked:")
    first = lock(1)
    assert named() == first
    assert lock(2) == first
    (tmp_path / "podbook.lock.json").unlink()
    assert lock(2) == named() != first
    # It is part of no notebook: another lock of others changes none of them.
    assert followed(tmp_path).entries[0].spec.files == []

    (tmp_path / "needs.config.json").write_text('{"requirements": ["six>1"]}')
    assert named().startswith("unlocked:")
    assert "has no lock in it" in faults(tmp_path)[0][1]


def test_a_folder_that_needs_none_gets_no_lock_file(tmp_path: Path) -> None:
    (tmp_path / "plain.ipynb").write_text(json.dumps(notebook("1")))

    code, said = types("render", str(tmp_path), "--lock")

    assert (code, "has nothing to lock" in said) == (0, True)
    assert not (tmp_path / "podbook.lock.json").exists()
