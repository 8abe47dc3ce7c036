"""In a plain Jupyter `save_output` prints what would be answered, and whether it fits."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from podbook import outside_a_run
from podbook_catalog.checks.fits import verdict
from podbook_catalog.entries.published import files

OUTPUT = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    (tmp_path / "a.ipynb").write_text("{}")
    (tmp_path / "a.config.json").write_text(json.dumps({"output": OUTPUT}))
    return tmp_path


def test_what_would_be_answered_is_printed_with_its_verdict(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside_a_run.tell({"n": "1"}, SimpleNamespace(user_ns={}))
    assert capsys.readouterr().out.startswith(
        'Podbook would answer: {\n  "n": "1"\n}\nIt does not fit a.config.json:\n  /n: '
    )

    # Of two notebooks it is the one that Jupyter, or VS Code, says.
    (here / "b.ipynb").write_text("{}")
    outside_a_run.tell(1, SimpleNamespace(user_ns={}))
    assert capsys.readouterr().out == "Podbook would answer: 1\n"
    monkeypatch.setenv("JPY_SESSION_NAME", "/elsewhere/a.ipynb")
    outside_a_run.tell({"n": 1}, SimpleNamespace(user_ns={}))
    assert capsys.readouterr().out.endswith("\nIt fits a.config.json.\n")


def test_a_verdict_knows_shared_models_and_says_why_there_is_none(here: Path) -> None:
    notebook = here / "a.ipynb"
    (here / "a.config.json").write_text("{")
    assert "cannot be told: a.config.json, line 1" in verdict(notebook, 1)
    (here / "a.config.json").write_text("{}")
    assert verdict(notebook, 1) == ""
    (here / "a.config.json").write_text('{"output": {"$ref": "nbschema://no"}}')
    assert "cannot be told: models" in verdict(notebook, 1)


def test_the_published_schemas_are_those_of_the_readers() -> None:
    from podbook_catalog.entries.published import FOLDER

    for name, text in files().items():
        assert (FOLDER / name).read_text() == text, (
            "run: python -m podbook_catalog.entries.published"
        )
    config = json.loads(files()["config.json"])
    assert config["additionalProperties"] is False
    assert {"id", "input", "output", "examples", "files", "runtime"} <= config["properties"].keys()
