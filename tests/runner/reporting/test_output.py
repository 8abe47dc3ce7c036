"""What counts as the output, and when it does not fit."""

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest

from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import Violation
from podbook_crds.protocol.job import Job
from podbook_crds.resources.notebook import OutputValidation
from podbook_runner.files.work_folder import WorkFolder
from podbook_runner.reporting.judgement import judge
from podbook_runner.reporting.output import OUTPUT_LIMIT, Output, find, parsed
from rig.runner_pod import a_job, ipynb

BOOLEAN: dict[str, Any] = {
    "type": "object",
    "properties": {"needs_discount": {"type": "boolean"}},
    "required": ["needs_discount"],
}


def a_place(root: Path) -> WorkFolder:
    (root / ".podbook").mkdir()
    return WorkFolder(root, "", "")


def a_notebook(*outputs: dict[str, Any]) -> Any:
    cell = nbformat.v4.new_code_cell("", outputs=[nbformat.from_dict(o) for o in outputs])
    return nbformat.v4.new_notebook(cells=[cell])


def a_scrap(name: str, data: Any, encoder: str = "json") -> dict[str, Any]:
    scrap = {"name": name, "data": data, "encoder": encoder, "version": 1}
    kind = f"application/scrapbook.scrap.{encoder}+json"
    return {"output_type": "display_data", "data": {kind: scrap}, "metadata": {}}


def contract(schema: dict[str, Any] | None, **fields: Any) -> Job:
    return a_job(ipynb(), output=schema, **fields)


def test_the_file_is_the_output(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    place.output_file.write_text('{"a": [1, null, "\\ud800"]}\n')

    assert find(place, a_notebook()).value == {"a": [1, None, "\ud800"]}
    assert find(place, a_notebook()).text == b'{"a":[1,null,"\\ud800"]}'


def test_nothing_saved_is_no_output(tmp_path: Path) -> None:
    assert find(a_place(tmp_path), a_notebook()) == Output()


@pytest.mark.parametrize(
    ("scraps", "value"),
    [
        pytest.param([a_scrap("a", 1), a_scrap("b", [2])], {"a": 1, "b": [2]}, id="by name"),
        pytest.param([a_scrap("a", 1), a_scrap("a", 2)], {"a": 2}, id="the last one wins"),
        pytest.param(
            [a_scrap("nbschema_outputs", '{"x": 1}', "text"), a_scrap("a", 1)],
            {"x": 1},
            id="jupyrest's own: JSON as text",
        ),
        pytest.param([a_scrap("a", 1), a_scrap("f", "UEFS", "pandas")], {"a": 1}, id="frames"),
    ],
)
def test_scraps_that_others_glued_are_the_output(
    scraps: list[dict[str, Any]], value: Any, tmp_path: Path
) -> None:
    assert find(a_place(tmp_path), a_notebook(*scraps)).value == value


KIND = "application/scrapbook.scrap.json+json"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        pytest.param("text", "no object", id="a text"),
        pytest.param(None, "no object", id="null"),
        pytest.param(["a", 1], "no object", id="a list"),
        pytest.param({"data": 1}, "its `name`", id="no name"),
        pytest.param({"name": None, "data": 1}, "its `name`", id="null as name"),
        pytest.param({"name": {"a": 1}, "data": 1}, "its `name`", id="an object as name"),
        pytest.param({"name": "b"}, "'b' that the cell shows", id="the name is told"),
        pytest.param({"name": "b", "version": 1}, "no `data`", id="no data"),
        pytest.param({"name": "b", "data": 1, "encoder": 5}, "its `encoder`", id="encoder"),
        pytest.param({"name": "b", "data": 1, "version": "1"}, "its `version`", id="version"),
        pytest.param({"name": "b", "data": 1, "version": True}, "its `version`", id="true"),
        pytest.param({"name": "b", "data": float("nan")}, "NaN is no JSON value", id="NaN"),
    ],
)
def test_a_record_that_is_none_costs_itself_only_and_is_told(
    record: Any, said: str, tmp_path: Path
) -> None:
    shown = {"output_type": "display_data", "data": {KIND: record}, "metadata": {}}

    output = find(a_place(tmp_path), a_notebook(a_scrap("a", 1), shown, a_scrap("c", 2)))

    assert (output.value, output.problems) == ({"a": 1, "c": 2}, [])
    (warning,) = output.warnings
    assert (warning.type, warning.cell) == ("urn:podbook:warning:scrap-unreadable", 0)
    assert said in warning.detail


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    (tmp_path / "secret").write_text('"secret"')
    place.output_file.symlink_to(tmp_path / "secret")

    assert find(place, a_notebook()).text is None


def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    os.mkfifo(place.output_file)

    assert "no regular file" in find(place, a_notebook()).problems[0].message


def test_an_output_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    with place.output_file.open("wb") as file:
        file.truncate(OUTPUT_LIMIT + 1)

    assert "save a file instead" in find(place, a_notebook()).problems[0].message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("hello", "is not JSON", id="no JSON"),
        pytest.param("[NaN]", "NaN is no JSON value", id="NaN"),
        pytest.param("[" * 100_000, "is not JSON", id="nested beyond reason"),
        pytest.param("", "is not JSON", id="empty"),
        pytest.param("\xff", "is not JSON", id="not UTF-8"),
    ],
)
def test_what_is_no_json_is_a_problem(text: str, said: str) -> None:
    output = parsed(text.encode("latin-1"))

    assert output.text is None
    assert said in output.problems[0].message


@pytest.mark.parametrize(
    ("saved", "job", "reason", "pointers"),
    [
        pytest.param(
            b'{"needs_discount":true}', contract(BOOLEAN), "NotebookCompleted", [], id="fits"
        ),
        pytest.param(
            b'{"needs_discount":1}',
            contract(BOOLEAN),
            "OutputInvalid",
            ["/output/needs_discount"],
            id="does not fit",
        ),
        pytest.param(None, contract(BOOLEAN), "OutputMissing", ["/output"], id="missing"),
        pytest.param(b"null", contract(BOOLEAN), "OutputInvalid", ["/output"], id="null saved"),
        pytest.param(None, contract({}), "NotebookCompleted", [], id="nothing is asked for"),
        pytest.param(None, contract(None), "NotebookCompleted", [], id="no contract"),
        pytest.param(
            None, contract(BOOLEAN, inferred=True), "NotebookCompleted", [], id="only inferred"
        ),
        pytest.param(
            b"5",
            contract(BOOLEAN, output_validation=OutputValidation.REPORT),
            "NotebookCompleted",
            ["/output"],
            id="reported, not enforced",
        ),
        pytest.param(
            b"5",
            contract(BOOLEAN, output_validation=OutputValidation.OFF),
            "NotebookCompleted",
            [],
            id="off",
        ),
        pytest.param(b"{", contract(None), "OutputInvalid", ["/output"], id="no JSON"),
        pytest.param(
            b"5",
            contract({"$ref": "nbschema://nobody"}),
            "OutputInvalid",
            ["/output"],
            id="a contract that leads nowhere",
        ),
    ],
)
def test_what_the_output_means(
    saved: bytes | None, job: Job, reason: str, pointers: list[str]
) -> None:
    found, violations = judge(Output() if saved is None else parsed(saved), job)

    assert (found, [v.pointer for v in violations]) == (Reason(reason), pointers)


def test_every_failing_place_is_listed() -> None:
    schema = {"type": "array", "items": {"type": "integer"}}
    _, violations = judge(parsed(b'[1,"a",2,null]'), contract(schema))

    assert violations == [
        Violation("/output/1", "'a' is not of type 'integer'"),
        Violation("/output/3", "null is not of type 'integer'"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("1e400", "1e400 is larger than a number can be", id="beyond every double"),
        pytest.param('{"a": -1e999}', "larger than a number", id="below every double"),
        pytest.param("NaN", "NaN is no JSON value", id="no number"),
        pytest.param("[" * 201 + "]" * 201, "nested more than 200 levels", id="deeper than it may"),
        pytest.param("[" * 900 + "]" * 900, "nested more than 200 levels", id="much deeper"),
        pytest.param("[" * 100_000 + "]" * 100_000, "recursion", id="deeper than can be read"),
    ],
)
def test_what_nobody_could_read_again_is_no_output(text: str, said: str) -> None:
    output = parsed(text.encode())

    assert output.text is None
    assert said in output.problems[0].message


def test_an_output_may_be_nested_as_deep_as_parameters_may() -> None:
    text = b"[" * 200 + b"]" * 200

    assert parsed(text).text == text
