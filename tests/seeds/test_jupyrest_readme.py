"""jupyrest's README, followed from its first line to its last."""

import json
from typing import Any, Final

import httpx
import pytest

from rig.ipynb import text_of

pytestmark = pytest.mark.timeout(240)

PATH: Final = "/api/NotebookExecutions"
ANALYSIS: Final = {"notebook": "analysis", "parameters": {"customer_name": "microsoft"}}
SAMPLE: Final = {
    "foo": "foo",
    "start_time": "2021-02-28T04:09:09.5730000Z",
    "end_time": "2021-02-28T04:19:09.5730000Z",
}
MY_NOTEBOOK: Final = {
    "notebook": "my_notebook",
    "parameters": {"objects": [SAMPLE, SAMPLE], "foo": "FOO"},
}


def run(jupyrest: httpx.Client, asked: dict[str, Any]) -> Any:
    answer = jupyrest.post(PATH, json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def show(jupyrest: httpx.Client, ran: Any, **flags: str) -> httpx.Response:
    return jupyrest.get(PATH, params={"executionId": ran["id"], **flags})


@pytest.fixture(scope="module")
def analysis(jupyrest: httpx.Client) -> Any:
    return run(jupyrest, ANALYSIS)


@pytest.fixture(scope="module")
def my_notebook(jupyrest: httpx.Client) -> Any:
    ran = run(jupyrest, MY_NOTEBOOK)
    return show(jupyrest, ran, output="true", ipynb="true").json()


def test_the_post_answers_with_id_status_notebook_and_parameters(analysis: Any) -> None:
    assert analysis == {"id": analysis["id"], "status": "COMPLETED", **ANALYSIS}


def test_the_config_file_is_the_contract_of_the_input(jupyrest: httpx.Client) -> None:
    misfit = {"notebook": "analysis", "parameters": {"customer_name": 5}}

    answer = jupyrest.post(PATH, json=misfit)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Input schema validation error: ")


def test_the_id_leads_to_the_details(jupyrest: httpx.Client, analysis: Any) -> None:
    assert show(jupyrest, analysis).json() == {**analysis, "exception": None}


def test_view_html_shows_the_executed_notebook(jupyrest: httpx.Client, analysis: Any) -> None:
    page = show(jupyrest, analysis, view_html="true")

    assert page.headers["content-type"].startswith("text/html")
    assert "microsoft" in page.text


def test_output_shows_what_was_saved(jupyrest: httpx.Client, analysis: Any) -> None:
    shown = show(jupyrest, analysis, output="true").json()

    assert shown == {**analysis, "exception": None, "output": {"needs_discount": False}}


def test_an_exception_is_shown_where_the_example_has_null(jupyrest: httpx.Client) -> None:
    failed = run(jupyrest, {"notebook": "analysis", "parameters": {"customer_name": "nobody"}})

    shown = show(jupyrest, failed, output="true").json()

    assert (shown["status"], shown["output"]) == ("FAILED", None)
    assert "KeyError: 'nobody'" in shown["exception"]


def test_docs_show_the_full_api(jupyrest: httpx.Client) -> None:
    page = jupyrest.get("/docs")

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert PATH in jupyrest.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    ("notebook", "output"),
    [
        pytest.param("saves_text", "{'msg': 'some json string'}", id="text"),
        pytest.param("saves_object", {"a": 4, "b": 5}, id="object"),
    ],
)
def test_save_output_keeps(notebook: str, output: Any, jupyrest: httpx.Client) -> None:
    ran = run(jupyrest, {"notebook": notebook, "parameters": {}})

    assert show(jupyrest, ran, output="true").json()["output"] == output


def test_a_shared_model_is_part_of_the_contract(jupyrest: httpx.Client) -> None:
    misfit = json.loads(json.dumps(MY_NOTEBOOK))
    del misfit["parameters"]["objects"][1]["start_time"]

    answer = jupyrest.post(PATH, json=misfit)

    assert answer.status_code == 400
    assert "start_time" in answer.json()["detail"]


def test_the_parameters_cell_has_the_objects_and_its_own_imports(my_notebook: Any) -> None:
    read = text_of(my_notebook["ipynb"])

    one = (
        "    SampleModel(\n"
        "        foo='foo',\n"
        "        start_time=_datetime.datetime(\n"
        "            2021, 2, 28, 4, 9, 9, 573000, tzinfo=_datetime.timezone.utc\n"
        "        ),\n"
        "        end_time=_datetime.datetime(\n"
        "            2021, 2, 28, 4, 19, 9, 573000, tzinfo=_datetime.timezone.utc\n"
        "        ),\n"
        "    ),\n"
    )
    assert f"objects = [\n{one}{one}]\nfoo = 'FOO'\n" in read
    assert "from models import SampleModel" in read


def test_models_are_saved_as_output_without_converting(my_notebook: Any) -> None:
    new = {
        "end_time": "2021-02-28T04:19:09.573000+00:00",
        "foo": "foo",
        "start_time": "2021-02-28T04:09:09.573000+00:00",
    }
    assert my_notebook == {
        "id": my_notebook["id"],
        "status": "COMPLETED",
        **MY_NOTEBOOK,
        "exception": None,
        "output": {"bar": "FOO", "new_objects": {"new_object_1": new, "new_object_2": new}},
        "ipynb": my_notebook["ipynb"],
    }
