"""A notebook in the catalog, a POST, an answer: the way that everything else is built around."""

import json

import pytest

from rig.ipynb import notebook, text_of
from rig.meeting import AnyPodbook
from rig.until import eventually

DOUBLE = notebook(
    "from podbook import save_output",
    "print(f'doubling {number}')\nsave_output({'doubled': number * 2})",
    parameters="number = 1",
)
DOUBLE_CONTRACT = {
    "input": {
        "type": "object",
        "properties": {"number": {"type": "integer"}},
        "required": ["number"],
    },
    "output": {
        "type": "object",
        "properties": {"doubled": {"type": "integer"}},
        "required": ["doubled"],
    },
}


@pytest.fixture(scope="module", autouse=True)
def double(podbook: AnyPodbook) -> None:
    podbook.put("double", DOUBLE, DOUBLE_CONTRACT)


def test_a_notebook_that_was_put_there_is_in_the_catalog_with_its_contract(
    podbook: AnyPodbook,
) -> None:
    view = podbook.http.get("/v1/notebooks/double").json()

    assert view["input"] == DOUBLE_CONTRACT["input"]
    assert view["output"] == DOUBLE_CONTRACT["output"]
    assert view["digest"].startswith("sha256:")


def test_a_post_answers_at_once_with_where_to_look(podbook: AnyPodbook) -> None:
    answer = podbook.http.post(
        "/v1/notebooks/double/executions", json={"parameters": {"number": 4}}
    )

    assert answer.status_code == 202
    assert answer.json()["phase"] in {"Queued", "Starting"}
    found = podbook.http.get(answer.headers["Location"])
    assert found.json()["id"] == answer.json()["id"]


def test_a_post_that_waits_answers_with_the_output(podbook: AnyPodbook) -> None:
    execution = podbook.post("double", {"number": 21})

    assert execution["phase"] == "Succeeded"
    assert execution["reason"] == "NotebookCompleted"
    assert execution["output"] == {"doubled": 42}
    # The notebook's three, and the one that holds the parameters.
    assert execution["cells"] == {"total": 4, "completed": 4}


def test_the_times_of_a_run_are_in_order(podbook: AnyPodbook) -> None:
    execution = podbook.post("double", {"number": 1})

    assert execution["createdAt"] < execution["startedAt"] < execution["finishedAt"]


def test_the_executed_notebook_is_kept_with_its_parameters_and_its_prints(
    podbook: AnyPodbook,
) -> None:
    execution = podbook.post("double", {"number": 8})

    kept = podbook.http.get(f"/v1/executions/{execution['id']}/artifacts/notebook.ipynb").content
    assert "number = 8" in text_of(kept)
    assert "doubling 8" in text_of(kept)


def test_the_output_is_a_file_too(podbook: AnyPodbook) -> None:
    execution = podbook.post("double", {"number": 2})

    kept = podbook.http.get(f"/v1/executions/{execution['id']}/artifacts/output.json")
    assert kept.json() == {"doubled": 4}


def test_a_run_finds_the_files_of_the_catalog_where_they_are(podbook: AnyPodbook) -> None:
    podbook.put(
        "deep/sum",
        notebook(
            "from adding import add\nfrom podbook import save_output",
            "save_output(add(open('../data/numbers.csv')))",
        ),
        files={
            "data/numbers.csv": "1\n2\n3\n",
            "deep/adding.py": "def add(rows): return sum(map(int, rows))\n",
        },
    )

    assert podbook.post("deep/sum")["output"] == 6


def test_what_a_run_leaves_in_artifacts_can_be_fetched(podbook: AnyPodbook) -> None:
    podbook.put(
        "leaves_a_file",
        notebook("import os\nos.mkdir('artifacts')\nopen('artifacts/note.txt', 'w').write('hi')"),
    )

    execution = podbook.post("leaves_a_file")

    (name,) = [a["href"] for a in execution["artifacts"] if a["name"].endswith("note.txt")]
    assert podbook.http.get(name).text == "hi"


def test_an_edited_notebook_is_the_one_that_runs_next(podbook: AnyPodbook) -> None:
    podbook.put("edited", notebook("from podbook import save_output\nsave_output('first')"))
    first = podbook.http.get("/v1/notebooks/edited").json()["digest"]
    podbook.put("edited", notebook("from podbook import save_output\nsave_output('second')"))

    def has_changed() -> bool:
        return bool(podbook.http.get("/v1/notebooks/edited").json()["digest"] != first)

    eventually(has_changed, "the edit is seen")
    execution = podbook.post("edited")
    assert execution["output"] == "second", execution


def test_the_first_seeds_call_is_answered_in_its_own_words(podbook: AnyPodbook) -> None:
    podbook.save_example("analysis")
    eventually(lambda: podbook.is_shown("analysis"), "analysis is shown")
    asked = {"notebook": "analysis", "parameters": {"customer_name": "microsoft"}}

    ran = podbook.http.post("/api/NotebookExecutions", json=asked)

    assert ran.status_code == 200
    assert ran.json() == {"id": ran.json()["id"], "status": "COMPLETED", **asked}
    query = {"executionId": ran.json()["id"], "output": "true"}
    found = podbook.http.get("/api/NotebookExecutions", params=query).json()
    assert found == {**ran.json(), "exception": None, "output": {"needs_discount": False}}
    page = podbook.http.get("/api/NotebookExecutions", params={**query, "view_html": "true"})
    assert page.headers["content-type"].startswith("text/html")
    assert "microsoft" in page.text


def test_an_answer_is_the_same_json_for_every_reader(podbook: AnyPodbook) -> None:
    """Nulls, nesting and text of every kind come back as they were saved."""
    podbook.put(
        "echo",
        notebook("from podbook import save_output\nsave_output(value)", parameters="value = None"),
    )
    value = {"none": None, "list": [1, 2.5, [], {}], "text": "zwölf 🎻 \u2028", "yes": True}

    execution = podbook.post("echo", {"value": value})

    assert execution["output"] == value
    stored = json.loads(podbook.kubectl("get", "nbx", execution["id"], "-o", "json"))
    assert stored["status"]["output"] == value
