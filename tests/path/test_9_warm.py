"""Pods that wait for calls: given once, to the version they were made of, and nobody's loss."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rig.ipynb import notebook, text_of
from rig.meeting import AnyPodbook
from rig.until import ON_A_NODE, eventually

# What is imported before the call says when that was.
EARLY = "import pathlib, time\n\nAT = time.time()\n"
SAID = "import podbook\npodbook.save_output({'at': moments.AT, 'who': who, 'cwd': os.getcwd()})"
CONFIG = {"input": {"properties": {"who": {"type": "string"}}}, "warm": {"min": 1, "max": 1}}


def a_notebook(said: str = SAID) -> dict[str, Any]:
    """Return one that imports above its parameters."""
    made = notebook("import moments, os", said)
    marked = notebook(parameters="who = 'nobody'")["cells"][0] | {"id": "parameters"}
    made["cells"].insert(1, marked)
    return made


def waiting(podbook: AnyPodbook, notebook_id: str) -> list[dict[str, Any]]:
    """Return the pods that wait for calls of a notebook, those on their way there not."""
    selector = f"podbook.dev/warm=idle,podbook.dev/notebook={notebook_id}"
    listed = json.loads(podbook.kubectl("get", "pods", "-l", selector, "-o", "json"))["items"]
    return [pod for pod in listed if "deletionTimestamp" not in pod["metadata"] and ready(pod)]


def ready(pod: dict[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any((c["type"], c["status"]) == ("podbook.dev/prepared", "True") for c in conditions)


def one_waits(podbook: AnyPodbook, notebook_id: str, *, besides: str = "") -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        pods = waiting(podbook, notebook_id)
        return next((pod for pod in pods if pod["metadata"]["uid"] != besides), None)

    return eventually(found, f"a pod of {notebook_id!r} waits")


def attempts(podbook: AnyPodbook, execution: str) -> list[dict[str, Any]]:
    found = json.loads(podbook.kubectl("get", "nbx", execution, "-o", "json"))
    listed: list[dict[str, Any]] = found["status"]["attempts"]
    return listed


@pytest.fixture
def kept(podbook: AnyPodbook, request: pytest.FixtureRequest) -> Iterator[str]:
    """A notebook of the test's own that has one pod waiting; none waits when the test is over."""
    notebook_id = request.node.name.removeprefix("test_")[:40].strip("_").replace("_", "-")
    files = {"moments.py": EARLY, f"{notebook_id}.txt": "beside"}
    podbook.put(notebook_id, a_notebook(), CONFIG, files)
    yield notebook_id
    podbook.remove(notebook_id)
    eventually(lambda: not waiting(podbook, notebook_id), "none waits any more")


def test_a_call_is_given_a_pod_whose_imports_are_done(podbook: AnyPodbook, kept: str) -> None:
    pod = one_waits(podbook, kept)

    execution = podbook.post(kept, {"who": "Ada"})

    assert (execution["phase"], execution["output"]["who"]) == ("Succeeded", "Ada")
    (attempt,) = attempts(podbook, execution["id"])
    assert (attempt["pod"], attempt["warm"]) == (pod["metadata"]["name"], True)
    shown = podbook.http.get(f"/v1/executions/{execution['id']}/artifacts/notebook.ipynb").text
    assert "who = 'Ada'" in text_of(shown) or 'who = "Ada"' in text_of(shown)
    assert all(c["execution_count"] for c in json.loads(shown)["cells"] if c["source"])
    again = podbook.post(kept, {"who": "Bob"})
    assert again["output"]["at"] != execution["output"]["at"], "a pod was used for two calls"
    assert again["output"]["who"] == "Bob"


def test_a_changed_notebook_is_never_run_in_a_pod_of_before(podbook: AnyPodbook, kept: str) -> None:
    before = one_waits(podbook, kept)
    changed = a_notebook(SAID.replace("'who': who", "'who': who.upper()"))
    podbook.put(kept, changed, CONFIG, {"moments.py": EARLY, f"{kept}.txt": "beside"})

    assert podbook.post(kept, {"who": "Ada"})["output"]["who"] == "ADA"

    after = one_waits(podbook, kept, besides=before["metadata"]["uid"])
    assert after["metadata"]["name"] != before["metadata"]["name"]


def test_cells_above_the_parameters_have_run_when_somebody_calls(
    podbook: AnyPodbook, kept: str
) -> None:
    before = one_waits(podbook, kept)
    early = {**CONFIG, "warm": {"min": 1, "max": 1, "level": "cells"}}
    podbook.put(kept, a_notebook(), early, {"moments.py": EARLY, f"{kept}.txt": "beside"})
    pod = one_waits(podbook, kept, besides=before["metadata"]["uid"])

    execution = podbook.post(kept, {"who": "Ada"})

    assert (execution["phase"], execution["output"]["who"]) == ("Succeeded", "Ada")
    (attempt,) = attempts(podbook, execution["id"])
    assert attempt["pod"] == pod["metadata"]["name"]
    shown = podbook.http.get(f"/v1/executions/{execution['id']}/artifacts/notebook.ipynb").json()
    accounts = [cell["metadata"]["papermill"] for cell in shown["cells"] if cell["source"]]
    assert [a.get("prepared") for a in accounts] == [True] + [None] * (len(accounts) - 1)


def test_a_pod_that_dies_while_it_waits_costs_nobody_anything(
    podbook: AnyPodbook, kept: str
) -> None:
    pod = one_waits(podbook, kept)
    process = eventually(
        lambda: podbook.main_process(pod["metadata"]["uid"], "kernel"), "its kernel is known"
    )
    os.kill(process, signal.SIGKILL)

    execution = podbook.post(kept)

    assert execution["phase"] == "Succeeded"
    assert [a["reason"] for a in attempts(podbook, execution["id"]) if not a.get("warm")] in (
        ["NotebookCompleted"],
        [],
    )


def test_a_pod_that_is_deleted_at_the_hand_over_costs_nobody_a_retry(
    podbook: AnyPodbook, kept: str
) -> None:
    pod = one_waits(podbook, kept)
    with podbook.stopped("operator"):
        execution = podbook.post(kept, is_awaited=False)
        podbook.kubectl("delete", "pod", pod["metadata"]["name"], "--wait=false")

    assert podbook.finished(execution["id"])["phase"] == "Succeeded"


@pytest.mark.parametrize("part", ["operator", "api"])
def test_a_part_that_is_killed_at_the_hand_over_runs_it_once(
    podbook: AnyPodbook, kept: str, part: str, tmp_path: Path
) -> None:
    one_waits(podbook, kept)
    execution = podbook.post(kept, is_awaited=False)
    podbook.kill(part)

    final = podbook.finished(execution["id"])

    assert final["phase"] == "Succeeded", final
    claimed = [a for a in attempts(podbook, execution["id"]) if a.get("claimedAt")]
    assert len(claimed) == 1


@pytest.fixture
def author(podbook: AnyPodbook) -> Iterator[AnyPodbook]:
    """Podbook for somebody who may change notebooks too, which a node's usual caller may not."""
    if not ON_A_NODE:
        yield podbook
        return
    space = podbook.kubectl("config", "view", "--minify", "-o", "jsonpath={..namespace}").strip()
    changes = ("--verb=update", "--resource=notebooks.podbook.dev")
    podbook.kubectl("create", "role", "author", *changes)
    binding = ("rolebinding", "author")
    podbook.kubectl("create", *binding, "--role=author", f"--serviceaccount={space}:caller")
    yield podbook
    podbook.kubectl("delete", *binding)
    podbook.kubectl("delete", "role", "author")


def test_pods_that_wait_are_made_anew_when_somebody_says_so(author: AnyPodbook, kept: str) -> None:
    podbook = author
    before = one_waits(podbook, kept)

    answer = podbook.http.post(f"/v1/notebooks/{kept}/warm/flush")

    assert (answer.status_code, answer.json().get("id")) == (202, kept), answer.text
    one_waits(podbook, kept, besides=before["metadata"]["uid"])
    eventually(
        lambda: (podbook.http.get(f"/v1/notebooks/{kept}").json()["warm"]["ready"]) == 1,
        "one is counted",
    )
    left = [pod["metadata"]["uid"] for pod in waiting(podbook, kept)]
    assert before["metadata"]["uid"] not in left


def test_a_preparation_that_fails_is_told_of_and_tried_again_with_the_next_version(
    podbook: AnyPodbook, kept: str
) -> None:
    one_waits(podbook, kept)
    early = {**CONFIG, "warm": {"min": 1, "max": 1, "level": "cells"}}
    files = {"moments.py": EARLY, f"{kept}.txt": "beside"}
    raising = a_notebook()
    raising["cells"][0]["source"] = "import moments, os\nraise KeyError('no such model')"
    podbook.put(kept, raising, early, files)

    def problem() -> str | None:
        told: str | None = podbook.http.get(f"/v1/notebooks/{kept}").json()["warm"]["problem"]
        return told

    said = eventually(problem, "it is told why none waits")
    assert said.startswith("PreparationFailed: "), said
    assert "KeyError" in said, said
    # Whoever calls is told by the cell itself.
    assert podbook.post(kept)["exception"]["name"] == "KeyError"

    podbook.put(kept, a_notebook(), early, files)
    one_waits(podbook, kept)
    eventually(lambda: problem() is None, "it is told no more")
    condition = '{.status.conditions[?(@.type=="Warm")].status}'
    eventually(
        lambda: podbook.kubectl("get", "notebook", kept, "-o", f"jsonpath={condition}") == "True",
        "Warm is True",
    )
