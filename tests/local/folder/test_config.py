from pathlib import Path
from typing import Any

import pytest

from podbook_catalog.entries.config import Config, read_config
from podbook_catalog.settings.errors import Mistaken
from podbook_catalog.settings.podbook_toml import read_settings


def config(folder: Path, text: str, **catalog: Any) -> Config:
    path = folder / "a.config.json"
    path.write_text(text)
    return read_config(path, catalog=catalog)


def test_the_seeds_config_with_its_comment_is_read(tmp_path: Path) -> None:
    text = '// a.config.json\n{"input": {"type": "object"}, "output": {"type": "number"}}'

    read = config(tmp_path, text)

    assert (read.input, read.output) == ({"type": "object"}, {"type": "number"})


def test_a_schema_is_kept_exactly_as_it_was_written(tmp_path: Path) -> None:
    read = config(tmp_path, '{"input": {"const": null, "default": null, "x": [1.0, {}]}}')

    assert read.input == {"const": None, "default": None, "x": [1.0, {}]}


def test_no_file_is_no_contract(tmp_path: Path) -> None:
    assert read_config(tmp_path / "none.config.json", catalog={}) == Config()


def test_what_the_catalog_says_holds_where_the_notebook_says_nothing(tmp_path: Path) -> None:
    catalog = {"defaults": {"deadlineSeconds": 10, "retryLimit": 5}, "outputValidation": "off"}

    read = config(tmp_path, '{"defaults": {"deadlineSeconds": 20}}', **catalog)

    assert (read.defaults.deadline_seconds, read.defaults.retry_limit) == (20, 5)
    assert read.output_validation == "off"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param('{"imput": {}}', "/imput: no such key; did you mean 'input'?", id="misspelt"),
        pytest.param('{"frobnicate": 1}', "/frobnicate: no such key; known are:", id="unknown"),
        pytest.param(
            '{"defaults": {"deadline_seconds": 1}}',
            "/defaults/deadline_seconds: no such key; did you mean 'deadlineSeconds'?",
            id="a key further in",
        ),
        pytest.param(
            '{"defaults": {"deadlineSeconds": 0}}', "/defaults/deadlineSeconds:", id="out of range"
        ),
        pytest.param('{"input": []}', "/input:", id="a schema that is no object"),
        pytest.param('{"files": "data.csv"}', "/files:", id="a text where a list belongs"),
        pytest.param('{"outputValidation": "maybe"}', "/outputValidation:", id="none of the words"),
        pytest.param("[]", "an object ({…}) is expected, not a list", id="no object at all"),
        pytest.param('{"id": ""}', "/id:", id="an empty id"),
        pytest.param('{"id": "a",}', "line 1, column 12", id="no JSON"),
        pytest.param(
            '{"runtime": {"resources": {"limit": {}}}}',
            "did you mean 'limits'?",
            id="a key two levels in",
        ),
    ],
)
def test_a_mistake_names_the_file_the_place_and_the_way_out(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(Mistaken) as told:
        config(tmp_path, text)

    assert says in str(told.value)
    assert str(told.value).startswith("a.config.json")


def test_podbook_toml_holds_for_every_notebook(tmp_path: Path) -> None:
    (tmp_path / "podbook.toml").write_text(
        'python = ".venv/bin/python"\nskip = ["drafts/*"]\n[defaults]\nretryLimit = 0\n'
    )

    settings = read_settings(tmp_path)

    assert settings.python == ".venv/bin/python"
    assert settings.for_notebooks() == {"defaults": {"retryLimit": 0}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("python = x\n", "podbook.toml: Invalid value (at line 1", id="no TOML"),
        pytest.param("pyton = 'x'", "did you mean 'python'?", id="misspelt"),
        pytest.param("slots = 0", "/slots:", id="out of range"),
    ],
)
def test_a_mistake_in_podbook_toml_is_told_with_its_place(
    tmp_path: Path, text: str, says: str
) -> None:
    (tmp_path / "podbook.toml").write_text(text)

    with pytest.raises(Mistaken) as told:
        read_settings(tmp_path)

    assert says in str(told.value)
