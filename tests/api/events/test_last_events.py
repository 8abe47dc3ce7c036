"""Who wants the last of a run alone gets it, from whichever replica, and then what comes."""

import json
from typing import Any

import pytest

from podbook_api.events.pod_logs import last_lines
from podbook_crds.log import events
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from tests.support import customers
from tests.support.customers import created
from tests.support.telling import Telling, cells, stream

FINISHED = events.cell_finished(0, status="ok", seconds=0.1, count=1)
LINES = {"Accept": "application/x-ndjson"}


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi) -> None:
    customers.serve(cluster, api, other_api)


def told(api: RunningApi, name: str, **asked: Any) -> list[str]:
    """Return the ids of what an ended run tells of its log."""
    headers = LINES | asked.pop("headers", {})
    answer = api.http.get(f"/v1/executions/{name}/events", headers=headers, params=asked)
    found = [json.loads(line) for line in answer.text.splitlines() if line]
    assert found[0]["type"] == "execution.phase"
    assert found[-1]["type"] == "execution.finished"
    return [event["id"] for event in found if "id" in event]


def test_a_reader_of_the_last_events_is_told_those_and_what_comes(
    cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi
) -> None:
    run = Telling(FakeRun(cluster, api, created(api)).make_pod())
    run.run.claim()
    run.tell(events.planned(cells("print(1)"), [0]), events.cell_started(0))
    run.tell(events.outputs_spliced(0, at=0, remove=0, outputs=[stream("one\n")]))

    for replica, tail, first in ((api, 2, "1.2"), (other_api, 0, "1.4")):
        path = f"/v1/executions/{run.name}/events"
        with replica.http.stream("GET", path, headers=LINES, params={"tail": tail}) as answer:
            lines = (json.loads(line) for line in answer.iter_lines() if line)
            assert next(lines)["type"] == "execution.phase"
            if tail == 0:
                run.tell(FINISHED)
            assert next(lines)["id"] == first

    run.tell(events.metadata_changed({}), is_last=True)
    assert run.run.result("NotebookRaised").status_code == 200
    assert told(other_api, run.name, tail=1) == told(api, run.name, tail=1) == ["1.5"]
    assert told(api, run.name, tail=0) == []
    assert told(api, run.name, tail=1000) == [f"1.{number}" for number in range(1, 6)]
    # A browser that comes back asks for the same address, and says how far it is.
    assert told(api, run.name, tail=1, headers={"Last-Event-ID": "1.3"}) == ["1.4", "1.5"]


@pytest.mark.parametrize("tail", ["x", "-1", "1.5", "9" * 40])
@pytest.mark.parametrize("what", ["events", "log"])
def test_a_number_that_is_none_is_said(api: RunningApi, what: str, tail: str) -> None:
    answer = api.http.get(f"/v1/executions/any/{what}", params={"tail": tail})

    assert answer.status_code == 422
    assert "tail" in answer.json()["detail"]


def test_the_last_lines_of_a_log_are_as_they_were_written() -> None:
    text = b"a\nb\r10%\r20%\nc \xff"

    assert last_lines(text, 0) == b""
    assert last_lines(text, 1) == b"c \xff"
    assert last_lines(text, 2) == b"b\r10%\r20%\nc \xff"
    assert last_lines(text, 9) == text
