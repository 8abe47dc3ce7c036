"""Streams of events over several API processes, through their ends, and to readers of any kind."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from podbook_api.http import streams
from podbook_crds.log import events
from podbook_crds.log.replay import replay
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from tests.support import customers
from tests.support.customers import created
from tests.support.telling import Telling, cells, stream

NOTEBOOK = cells("print('one')", "print('two')")
FINISHED = events.cell_finished(0, status="ok", seconds=0.1, count=1)
LINES = {"Accept": "application/x-ndjson"}
WARNING = {"type": "urn:podbook:warning:output-clipped", "detail": "less is shown", "cell": 1}


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi) -> None:
    customers.serve(cluster, api, other_api)


def begun(cluster: EmbeddedCluster, api: RunningApi, execution: str | None = None) -> Telling:
    """Return a run that tells one replica which cells it has, and that the first one runs."""
    run = FakeRun(cluster, api, execution or created(api)).make_pod()
    run.claim()
    telling = Telling(run)
    first = events.cell_started(0, time="2026-11-22T12:00:00.000+00:00")
    telling.tell(events.planned(NOTEBOOK, [0, 1]), first)
    telling.tell(events.outputs_spliced(0, at=0, remove=0, outputs=[stream("one\n")]))
    return telling


def test_a_reader_at_the_other_replica_is_told_everything_once_and_in_order(
    cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi
) -> None:
    run = begun(cluster, api)
    seen: list[dict[str, Any]] = []
    path = f"/v1/executions/{run.name}/events"
    with other_api.http.stream("GET", path, headers=LINES, timeout=60) as answer:
        for line in filter(None, answer.iter_lines()):
            seen.append(json.loads(line))
            if seen[-1]["type"] == "outputs.spliced" and run.told == 3:
                run.tell(FINISHED, is_last=True)
                ended = run.run.result("NotebookRaised", warnings=[WARNING])
                assert ended.status_code == 200, ended.text

    told = [event for event in seen if "id" in event and event["type"] != "warning"]
    places = [event["id"].split(".")[:2] for event in told]
    assert places == [["1", "1"], ["1", "2"], ["1", "3"], ["1", "4"]]
    assert told[1]["time"] == "2026-11-22T12:00:00.000+00:00"
    shown = replay(told)
    assert shown is not None
    assert shown["cells"][0]["outputs"] == [stream("one\n")]
    # What the API adds: each phase once, then what a person would want to know, then the end.
    phases = [event["phase"] for event in seen if event["type"] == "execution.phase"]
    assert phases == ["Running", "Failed"]
    warnings = [event for event in seen if event["type"] == "warning"]
    assert [(event["number"], event["warning"]) for event in warnings] == [(1, WARNING)]
    assert (seen[-1]["type"], seen[-1]["phase"]) == ("execution.finished", "Failed")


def test_a_reader_who_comes_back_is_told_each_warning_once_wherever_it_left(
    cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi
) -> None:
    apis.put_notebook(cluster, "followed-slip", input=customers.CUSTOMER, inputValidation="report")
    slip = {"parameters": {"customer_name": "microsoft", "custommer_name": "a slip"}}
    answer = api.http.post("/v1/notebooks/followed-slip/executions", json=slip)
    run = begun(cluster, api, answer.json()["id"])
    path = f"/v1/executions/{run.name}/events"
    early = []
    with api.http.stream("GET", path, headers=LINES, timeout=60) as answer:
        for line in filter(None, answer.iter_lines()):
            early.append(json.loads(line))
            if early[-1]["type"] == "outputs.spliced":
                break
    run.tell(FINISHED, is_last=True)
    assert run.run.result("NotebookRaised", warnings=[WARNING]).status_code == 200

    def told(after: str = "") -> list[dict[str, Any]]:
        text = other_api.http.get(path, headers=LINES, params={"after": after}, timeout=60).text
        events = [json.loads(line) for line in text.splitlines() if line]
        assert events[-1]["type"] == "execution.finished"
        return [event for event in events if "id" in event]

    def what(events: list[dict[str, Any]]) -> list[str]:
        """Say each event without its place: warnings may come sooner or later among the others."""
        return sorted(json.dumps({**event, "id": ""}) for event in events)

    whole = told()
    warned = [event["warning"]["type"] for event in whole if event["type"] == "warning"]
    assert warned == ["urn:podbook:warning:unknown-parameter", WARNING["type"]]
    # What a reader of the running run was told, and of the ended one: each goes on where it was.
    for seen in ([event for event in early if "id" in event], whole):
        for place, event in enumerate(seen, start=1):
            rest = told(event["id"])
            assert what(seen[:place] + rest) == what(whole), event["id"]


def test_a_reader_of_a_run_that_told_nothing_goes_on_amid_what_its_notebook_says(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    run = FakeRun(cluster, api, created(api)).make_pod()
    run.claim()
    cell = {"id": "a", "cell_type": "code", "source": "1", "metadata": {}, "execution_count": 1}
    ipynb = {"cells": [{**cell, "outputs": [stream("one\n")]}], "metadata": {}}
    run.upload(
        "notebook.ipynb",
        json.dumps({**ipynb, "nbformat": 4, "nbformat_minor": 5}).encode(),
        "application/x-ipynb+json",
    )
    assert run.result("NotebookRaised", warnings=[WARNING]).status_code == 200

    def told(after: str = "") -> list[dict[str, Any]]:
        path = f"/v1/executions/{run.name}/events"
        text = api.http.get(path, headers=LINES, params={"after": after}, timeout=60).text
        events = [json.loads(line) for line in text.splitlines() if line]
        return [event for event in events if "id" in event]

    whole = told()
    assert len(whole) > 2
    for place, event in enumerate(whole, start=1):
        assert told(event["id"]) == whole[place:]


def test_a_rollout_ends_streams_with_word_when_to_come_back(
    cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    api = apis.start(cluster, tmp_path)
    customers.serve(cluster, api)
    run = begun(cluster, api)
    http = httpx.Client(base_url=api.url, timeout=60, trust_env=False)
    one, all_of_them = f"/v1/executions/{run.name}/events", "/v1/events"
    with http, http.stream("GET", one) as followed, http.stream("GET", all_of_them) as changes:
        blocks = followed.iter_text()
        text = next(blocks)
        while "one\\n" not in text:
            text += next(blocks)
        code = api.stop()
        text += "".join(blocks)
        last = "".join(changes.iter_text())

    assert code == 0
    assert text.endswith("retry: 1000\n\n")
    assert last.endswith("retry: 1000\n\n")
    log = api.log.read_text()
    assert "Traceback" not in log
    assert "ERROR" not in log


def test_an_api_that_was_killed_before_it_stored_what_it_took_loses_a_reader_nothing(
    cluster: EmbeddedCluster, api: RunningApi, tmp_path: Path
) -> None:
    dying = apis.start(cluster, tmp_path, PODBOOK_STORE=api.store.as_uri())
    customers.serve(cluster, dying)
    run = begun(cluster, dying)
    path = f"/v1/executions/{run.name}/events"
    seen: list[dict[str, Any]] = []
    more: dict[int, Any] = {}
    with dying.http.stream("GET", path, headers=LINES) as answer:
        for line in filter(None, answer.iter_lines()):
            seen.append(json.loads(line))
            if seen[-1]["type"] == "outputs.spliced":
                # Followed by now, it is written once a second: the next one waits for that.
                while run.stored == run.told:
                    text = f"{run.told}\n"
                    more[run.told + 1] = events.stream_spliced(0, 0, at=0, remove=0, text=text)
                    run.tell(more[run.told + 1])
            elif seen[-1].get("id") == f"1.{run.told}":
                break
    dying.process.kill()
    dying.stop()
    assert run.stored < run.told

    # The runner sends again what is not stored yet; the reader asks for what follows.
    run.run.api, run.told = api, run.stored
    run.tell(*(event for number, event in more.items() if number > run.stored))
    run.tell(FINISHED, is_last=True)
    assert run.run.result("NotebookRaised").status_code == 200
    place = next(event["id"] for event in reversed(seen) if "id" in event)
    rest = api.http.get(path, headers=LINES, params={"after": place}, timeout=60).text
    seen += [json.loads(line) for line in rest.splitlines() if line]

    told = [event for event in seen if "id" in event]
    assert [event["id"] for event in told] == [f"1.{n}" for n in range(1, run.told + 1)]
    assert replay(told) == replay(followed(api, path))
    assert seen[-1]["type"] == "execution.finished"


def followed(api: RunningApi, path: str) -> list[dict[str, Any]]:
    """Return the log of a run that has ended, as whoever comes then reads it."""
    text = api.http.get(path, headers=LINES, timeout=60).text
    return [event for event in map(json.loads, filter(None, text.splitlines())) if "id" in event]


async def test_a_reader_that_takes_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_STALLED_SECONDS", 0.01)
    made, is_closed = 0, False

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal made, is_closed
        try:
            while True:
                made += 1
                yield b"x" * 1000
        finally:
            is_closed = True

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Future()

    async def receive() -> Any:
        await asyncio.Future()

    await streams.Stream(chunks(), streams.NDJSON)({}, receive, send)

    assert (made, is_closed) == (1, True)


def test_many_readers_of_one_run_are_told_the_same(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    run = begun(cluster, api)

    async def read(http: httpx.AsyncClient, reading: list[int]) -> list[str]:
        path = f"/v1/executions/{run.name}/events"
        async with http.stream("GET", path, headers=LINES) as answer:
            lines = []
            async for line in answer.aiter_lines():
                if not line:
                    continue
                lines.append(line)
                if '"outputs.spliced"' in line:
                    reading.append(1)
        return lines

    async def all_of_them() -> list[list[str]]:
        reading: list[int] = []
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(
            base_url=api.url, timeout=60, trust_env=False, limits=limits
        ) as http:
            tasks = [asyncio.create_task(read(http, reading)) for _ in range(20)]
            while len(reading) < len(tasks):
                await asyncio.sleep(0.01)
            await asyncio.to_thread(run.run.result, "NotebookRaised")
            return await asyncio.gather(*tasks)

    read_by_all = asyncio.run(all_of_them())

    assert all(lines == read_by_all[0] for lines in read_by_all)
    assert json.loads(read_by_all[0][-1])["type"] == "execution.finished"
