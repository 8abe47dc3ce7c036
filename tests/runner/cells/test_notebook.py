"""What is a notebook, and what is refused as none."""

import json

import nbformat
import pytest

from podbook_crds import names
from podbook_crds.errors import InvalidNotebook
from podbook_runner.cells.notebook import read
from rig.runner_pod import ipynb


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "the notebook is an empty file", id="empty"),
        pytest.param("{'cells': []}", "the notebook is not JSON: ", id="not JSON"),
        pytest.param("[1, 2]", "no JSON object but a list", id="another JSON value"),
        pytest.param("{}", "nbformat is None", id="no version"),
        pytest.param('{"nbformat": 5, "cells": []}', "nbformat is 5", id="a future version"),
        pytest.param('{"nbformat": 4, "nbformat_minor": 5}', "cannot be read", id="no cells"),
        pytest.param(
            '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ["x"]}',
            "cell 0 is no JSON object but a str",
            id="cells that are none",
        ),
        pytest.param(
            '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code",'
            ' "source": "x = 1\\ny = \'\\ud800\'", "metadata": {}, "outputs": [],'
            ' "execution_count": null}]}',
            "cell 0, line 2, holds half of a character",
            id="half of a character",
        ),
        pytest.param("[" * 100_000, "the notebook is not JSON: ", id="nested beyond reason"),
    ],
)
def test_a_notebook_that_is_none_is_refused_with_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(InvalidNotebook) as refused:
        read(text.encode())

    assert said in str(refused.value)


def test_a_notebook_of_format_3_is_upgraded() -> None:
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {},
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 2, "source": ["Long ago"], "metadata": {}},
                    {
                        "cell_type": "code",
                        "language": "python",
                        "input": ["for i in range(2):\n", "    print('old', i)"],
                        "outputs": [],
                        "collapsed": False,
                        "metadata": {},
                    },
                ],
                "metadata": {},
            }
        ],
    }

    upgraded = read(json.dumps(old).encode())

    assert [c.source for c in upgraded.cells] == [
        "## Long ago",
        "for i in range(2):\n    print('old', i)",
    ]


def test_what_an_earlier_run_left_is_taken_out() -> None:
    ran = json.loads(ipynb("1"))
    ran["metadata"]["papermill"] = {"exception": None}
    cell = ran["cells"][0]
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "old"}]
    cell["execution_count"] = 7
    cell["metadata"] = {"papermill": {"status": "completed"}, "execution": {}, "tags": ["mine"]}

    notebook = read(json.dumps(ran).encode())

    assert notebook.metadata.papermill == {"parameters": {}, "version": None}
    assert notebook.cells[0].outputs == []
    assert notebook.cells[0].execution_count is None
    assert notebook.cells[0].metadata == {"papermill": {}, "tags": ["mine"]}


@pytest.mark.parametrize("tag", ["papermill-error-cell-tag", names.EXPLANATION_TAG])
def test_cells_that_tell_how_an_earlier_run_ended_are_taken_out(tag: str) -> None:
    ran = json.loads(ipynb("1"))
    told = {
        "cell_type": "markdown",
        "id": "told",
        "metadata": {"tags": [tag]},
        "source": "It failed",
    }
    ran["cells"] = [told, *ran["cells"], {**told, "id": "again"}]

    assert [cell.source for cell in read(json.dumps(ran).encode()).cells] == ["1"]


@pytest.mark.parametrize(
    ("tags", "read_as"),
    [
        (None, []),
        ("parameters", ["parameters"]),
        ("parameters, hide", ["parameters", "hide"]),
        (["a", None, 5, "a"], ["a"]),
        ({"a": 1}, []),
        (5, []),
    ],
)
def test_tags_that_are_no_list_of_texts_are_read_as_far_as_they_are(
    tags: object, read_as: list[str]
) -> None:
    text = json.loads(ipynb("1"))
    text["cells"][0]["metadata"] = {"tags": tags}

    assert read(json.dumps(text).encode()).cells[0].metadata.tags == read_as


@pytest.mark.parametrize("odd", [None, {}, [], "x", 5, {"language": "python"}, {"name": 5}])
@pytest.mark.parametrize("place", ["metadata", "kernelspec", "language_info", "cell"])
def test_metadata_of_any_type_is_brought_into_the_form_that_is_valid(
    place: str, odd: object
) -> None:
    text = json.loads(ipynb("1"))
    if place == "cell":
        text["cells"][0]["metadata"] = odd
    elif place == "metadata":
        text["metadata"] = odd
    else:
        text["metadata"] = {place: odd}

    notebook = read(json.dumps(text).encode())

    nbformat.validate(notebook)
    assert notebook.cells[0].source == "1"


def test_a_kernelspec_without_a_name_to_show_has_its_own() -> None:
    text = json.loads(ipynb("1"))
    text["metadata"] = {"kernelspec": {"name": "ir", "language": "R"}}

    spec = read(json.dumps(text).encode()).metadata.kernelspec

    assert spec == {"name": "ir", "language": "R", "display_name": "ir"}


@pytest.mark.parametrize("given", [None, "x" * 80, "with a blank", "twice", ""])
def test_cells_get_ids_that_are_valid(given: str | None) -> None:
    cell = {"cell_type": "markdown", "metadata": {}, "source": "text"}
    cells = [cell if given is None else {**cell, "id": given}, {**cell, "id": "twice"}]
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}

    notebook = read(json.dumps(whole).encode())
    notebook.metadata.pop("papermill")

    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == 2
