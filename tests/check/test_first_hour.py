"""A notebook as people have it becomes one with parameters and a contract, by one command."""

import json
from pathlib import Path
from typing import Any

import pytest

from podbook_catalog.checks.checked import check_folder
from podbook_cli.app import app
from rig.ipynb import notebook
from tests.support.typed import run


@pytest.mark.parametrize("indent", [1, 2, None])
def test_the_first_cell_of_plain_values_is_adopted(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "sales.ipynb"
    cells = ("import pandas", "year = 2026  # of the report\nregion: str = 'north'", "x = year + 1")
    before = json.dumps(notebook(*cells), indent=indent, ensure_ascii=False)
    path.write_text(before + "\n")

    done = run(app, "adopt", str(path))

    assert done.code == 0
    adopted = json.loads(path.read_text())
    assert [cell["metadata"] for cell in adopted["cells"]] == [{}, {"tags": ["parameters"]}, {}]
    del adopted["cells"][1]["metadata"]["tags"]
    assert json.dumps(adopted, indent=indent, ensure_ascii=False) == before
    contract = json.loads((tmp_path / "sales.config.json").read_text())
    assert contract["input"]["properties"]["year"] == {
        "type": "integer",
        "default": 2026,
        "description": "of the report",
    }
    assert '"parameters"' in done.out
    assert f"+++ {tmp_path / 'sales.config.json'}" in done.out

    again = run(app, "adopt", str(path))
    assert (again.code, again.out) == (0, "")
    assert again.err.endswith("sales.config.json is there and stays as it is\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(json.dumps(notebook("print(1)", "x = f()")), "no cell sets plain", id="none"),
        pytest.param("{", "is no notebook", id="no JSON"),
        pytest.param("[]", "no list of cells", id="no notebook"),
    ],
)
def test_what_cannot_be_adopted_stays_as_it_is(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(text)

    refused = run(app, "adopt", str(path))

    assert (refused.code, told in refused.err) == (2, True)
    assert [p.name for p in tmp_path.iterdir()] == ["a.ipynb"]
    assert path.read_text() == text


def test_a_new_notebook_has_no_mistake_and_overwrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    made = run(app, "new", "reports/daily")

    assert made.out.split() == ["reports/daily.config.json", "reports/daily.ipynb"]
    assert check_folder(tmp_path, python=None, environment={}).faults == []
    refused = run(app, "new", "reports/daily")
    assert (refused.code, "is there already" in refused.err) == (2, True)


def test_the_notebooks_of_times_square_are_taken_over(tmp_path: Path) -> None:
    source, folder = tmp_path / "square", tmp_path / "notebooks"
    (source / "nightly").mkdir(parents=True)
    cells: list[str] = ["A = 4", "print('{{ params.A }}')"]
    (source / "nightly" / "sine.ipynb").write_text(json.dumps(notebook(*cells)))
    (source / "nightly" / "sine.yaml").write_text(
        "title: Sine\nparameters:\n  A: {type: number, default: 4, minimum: 0}\n"
        "  day: {type: string, format: date, default: 2026-01-31}\n"
        "  end: {type: string, format: date, X-Dynamic-Default: '-1d'}\n"
    )
    (source / "unlisted.ipynb").write_text(json.dumps(notebook("1")))

    done = run(app, "new", str(folder), "--from-times-square", str(source))

    assert done.code == 0
    assert [p.name for p in folder.rglob("*.ipynb")] == ["sine.ipynb"]
    config: dict[str, Any] = json.loads((folder / "nightly/sine.config.json").read_text())
    assert config["input"]["title"] == "Sine"
    assert config["input"]["properties"]["day"]["default"] == "2026-01-31"
    assert done.err.count("warning: ") == 2
    assert check_folder(folder, python=None, environment={}).faults == []
