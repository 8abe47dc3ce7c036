"""A run is followed while it goes on, taken up again, and told once more when it is over."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from podbook_crds.log.replay import replay
from rig.ipynb import notebook
from rig.meeting import AnyPodbook
from rig.until import eventually

LINES = {"Accept": "application/x-ndjson"}
HELD = notebook(
    "import pathlib, time",
    "print('first', flush=True)\n"
    "while not (pathlib.Path(folder) / 'go').exists():\n    time.sleep(0.02)\nprint('last')",
    "1 + 1",
    parameters="folder = ''",
)


@pytest.fixture(scope="module", autouse=True)
def held(podbook: AnyPodbook) -> None:
    podbook.put("held", HELD)


@pytest.fixture
def folder(podbook: AnyPodbook) -> Path:
    return podbook.shared_folder(uuid4().hex)


def submit(podbook: AnyPodbook, folder: Path) -> str:
    return str(podbook.post("held", {"folder": str(folder)}, is_awaited=False)["id"])


def ended(podbook: AnyPodbook, folder: Path) -> str:
    """Run the notebook to its end, long enough for it to tell of itself."""
    execution = submit(podbook, folder)
    eventually(lambda: "first\n" in shown(podbook, execution), "it is told")
    (folder / "go").touch()
    podbook.finished(execution)
    return execution


def events(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    yield from (json.loads(line) for line in answer.iter_lines() if line)


def outputs(ipynb: dict[str, Any]) -> list[str]:
    """Return what each cell shows, as text."""
    return ["".join(map(text, cell.get("outputs", []))) for cell in ipynb["cells"]]


def text(output: dict[str, Any]) -> str:
    return "".join(output.get("text") or output.get("data", {}).get("text/plain", ""))


def kept(podbook: AnyPodbook, execution: str) -> dict[str, Any]:
    path = f"/v1/executions/{execution}/artifacts/notebook.ipynb"
    answer = podbook.http.get(path)
    found: dict[str, Any] = answer.json() if answer.status_code == 200 else {"cells": []}
    return found


def shown(podbook: AnyPodbook, execution: str) -> str:
    return "".join(outputs(kept(podbook, execution)))


def told(podbook: AnyPodbook, execution: str, **asked: Any) -> list[dict[str, Any]]:
    """Return what the log of an ended run tells: the events that have an id."""
    headers = LINES | asked.pop("headers", {})
    answer = podbook.http.get(f"/v1/executions/{execution}/events", headers=headers, **asked)
    return [event for event in events(answer) if "id" in event]


def test_what_a_cell_prints_is_there_before_it_ends_and_all_of_it_afterwards(
    podbook: AnyPodbook, folder: Path
) -> None:
    execution = submit(podbook, folder)
    seen: list[dict[str, Any]] = []
    path = f"/v1/executions/{execution}/events"
    with podbook.http.stream("GET", path, headers=LINES, timeout=60) as answer:
        stream = events(answer)
        for event in stream:
            seen.append(event)
            now = replay(seen)
            if now is not None and "first\n" in "".join(outputs(now)):
                break
        assert not (folder / "go").exists()
        (folder / "go").touch()
        seen += stream

    assert seen[0]["type"] == "execution.phase"
    phases = [event["phase"] for event in seen if event["type"] == "execution.phase"]
    assert len(phases) == len(set(phases))
    assert all(event["time"] for event in seen if event["type"] == "cell.started")
    assert (seen[-1]["type"], seen[-1]["phase"]) == ("execution.finished", "Succeeded")
    whole = replay(seen)
    assert whole is not None
    assert outputs(whole) == outputs(kept(podbook, execution))
    assert told(podbook, execution) == [event for event in seen if "id" in event]


def test_the_notebook_of_a_run_that_goes_on_shows_how_far_it_is(
    podbook: AnyPodbook, folder: Path
) -> None:
    execution = submit(podbook, folder)
    eventually(lambda: "first\n" in shown(podbook, execution), "it is told")

    page = podbook.http.get(f"/v1/executions/{execution}/artifacts/notebook.html")
    (folder / "go").touch()

    assert "first" in page.text
    assert podbook.finished(execution)["phase"] == "Succeeded"


def test_a_reader_goes_on_where_it_was(podbook: AnyPodbook, folder: Path) -> None:
    execution = ended(podbook, folder)
    all_of_it = told(podbook, execution)
    middle = len(all_of_it) // 2
    place = all_of_it[middle]["id"]

    rest = all_of_it[middle + 1 :]
    assert rest
    assert told(podbook, execution, headers={"Last-Event-ID": place}) == rest
    assert told(podbook, execution, params={"after": place}) == rest
    assert told(podbook, execution, params={"tail": len(rest)}) == rest


def test_a_run_that_was_over_at_once_is_told_from_its_notebook(podbook: AnyPodbook) -> None:
    podbook.put("quick", notebook("print('quick')", "1 + 1"))
    execution = podbook.post("quick")["id"]

    whole = replay(told(podbook, execution))
    assert whole is not None
    assert outputs(whole) == ["quick\n", "2"]


def test_browsers_are_told_by_server_sent_events(podbook: AnyPodbook, folder: Path) -> None:
    execution = ended(podbook, folder)

    answer = podbook.http.get(f"/v1/executions/{execution}/events")

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    blocks = [block for block in answer.text.split("\n\n") if block]
    assert blocks[-1].startswith('data: {"type":"execution.finished"')
    assert all(block.startswith(("data: ", "id: 1.")) for block in blocks)


@pytest.mark.parametrize("after", ["x", "1", "1.2.3.4", "-1.2", "1." + "9" * 40])
def test_a_place_that_is_none_is_said(podbook: AnyPodbook, after: str) -> None:
    answer = podbook.http.get("/v1/executions/any/events", params={"after": after})

    assert answer.status_code == 422
    assert "id of an event" in answer.json()["detail"]


def test_what_a_run_showed_that_was_killed_is_kept(podbook: AnyPodbook, folder: Path) -> None:
    execution = submit(podbook, folder)
    eventually(lambda: "first\n" in shown(podbook, execution), "it is told")
    uid = podbook.pod_of(execution)["metadata"]["uid"]
    pid = eventually(lambda: podbook.main_process(uid, "runner"), "the runner runs")
    os.kill(pid, signal.SIGKILL)

    assert podbook.finished(execution)["phase"] == "Failed"
    assert "first\n" in shown(podbook, execution)
    assert told(podbook, execution)[0]["type"] == "notebook.planned"


def test_the_phases_of_all_executions_are_followed(podbook: AnyPodbook) -> None:
    podbook.put("noted", notebook("print('noted')"))
    seen: list[tuple[str, str]] = []
    asked = {"notebook": "noted"}
    with podbook.http.stream(
        "GET", "/v1/events", headers=LINES, params=asked, timeout=60
    ) as answer:
        execution = podbook.post("noted")["id"]
        for event in events(answer):
            seen.append((event["execution"], event["phase"]))
            if event["phase"] == "Succeeded":
                break

    assert seen[0] == (execution, "Queued")
    assert seen[-1] == (execution, "Succeeded")
    assert len(seen) == len(set(seen))
