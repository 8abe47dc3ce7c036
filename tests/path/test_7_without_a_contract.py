"""A notebook that nobody wrote a contract for is documented by its parameters cell, and runs."""

from typing import Any

import pytest

from rig.ipynb import notebook
from rig.running import RunningPodbook

CELL = """# Parameters
count: int = 3  # how many
names: list[str] = ["a"]
limit: "int | None" = None
"""
SAVES = "from podbook import save_output\nsave_output([count, names, limit, extra])"


@pytest.fixture(scope="module", autouse=True)
def untyped(podbook: RunningPodbook) -> None:
    podbook.put("untyped", notebook("extra = globals().get('extra')", SAVES, parameters=CELL))


def test_v1_shows_what_the_cell_says(podbook: RunningPodbook) -> None:
    assert podbook.http.get("/v1/notebooks/untyped").json()["input"] == {
        "type": "object",
        "properties": {
            "count": {"type": "integer", "description": "how many", "default": 3},
            "names": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
            "limit": {"type": ["integer", "null"], "default": None},
        },
    }


@pytest.mark.parametrize(
    ("parameters", "output"),
    [
        pytest.param({}, [3, ["a"], None, None], id="the cell's own defaults"),
        pytest.param(
            {"count": "many", "names": 5, "extra": True}, ["many", 5, None, True], id="anything"
        ),
    ],
)
def test_nothing_is_refused(podbook: RunningPodbook, parameters: Any, output: Any) -> None:
    execution = podbook.post("untyped", parameters)

    assert (execution["output"], execution["parameters"]) == (output, parameters)


def test_the_older_surfaces_do_not_see_it(podbook: RunningPodbook) -> None:
    asked = {"notebook": "untyped", "parameters": {"count": "many"}}

    assert podbook.http.post("/api/NotebookExecutions", json=asked).json()["status"] == "COMPLETED"
    assert "untyped" not in podbook.http.get("/api/notebooks").json()["notebooks"]


def test_a_default_of_a_written_contract_is_set_and_never_sent_back(
    podbook: RunningPodbook,
) -> None:
    contract = {"input": {"properties": {"count": {"type": "integer", "default": 7}}}}
    podbook.put("defaults", notebook("extra = 0", SAVES, parameters=CELL), contract)

    execution = podbook.post("defaults")

    assert (execution["output"], execution["parameters"]) == ([7, ["a"], None, 0], {})
