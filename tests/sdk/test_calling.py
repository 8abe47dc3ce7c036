"""Notebooks are called as functions are: from scripts, from notebooks, from event loops."""

import asyncio
import inspect
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import podbook as sdk
from podbook.calling import drawn, left, steps
from podbook.calling.shown import Shown
from podbook.calling.steps import Ask, Pause
from podbook.calling.sync import Notebooks
from rig.ipynb import notebook
from rig.running import RunningPodbook


@pytest.fixture(scope="module")
def client(podbook: RunningPodbook) -> Iterator[sdk.Client]:
    with sdk.Client(str(podbook.http.base_url)) as found:
        yield found


def test_a_notebook_is_called_and_looks_as_its_contract_has_it(client: sdk.Client) -> None:
    echo = client.notebooks["echo"]

    assert echo(value=4) == {"got": 4}
    assert list(inspect.signature(echo).parameters)[:2] == ["value", "code"]
    assert isinstance(client.notebooks, Notebooks)
    assert {"echo", "raises"} <= set(client.notebooks._ipython_key_completions_())
    with pytest.raises(KeyError, match="did you mean 'echo'"):
        client.notebooks["ecko"]
    with pytest.raises(sdk.InvalidParameters) as refused:
        echo(code=1)
    assert refused.value.errors[0]["pointer"] == "/parameters/code"


def test_a_failed_run_raises_by_whose_fault_it_was_or_is_a_value(client: sdk.Client) -> None:
    raises = client.notebooks["raises"]

    with pytest.raises(sdk.NotebookRaised, match="missing") as raised:
        raises()
    execution = raised.value.execution
    assert (execution.phase, execution.explanation["fault"]) == ("Failed", "notebook")
    with pytest.raises(sdk.NoOutput, match="before it saved any"):
        _ = execution.output
    assert execution.output_or(3) == 3
    assert execution.rerun().wait().phase == "Failed"


def test_rows_are_run_at_once_and_come_in_their_order(
    client: sdk.Client, podbook: RunningPodbook
) -> None:
    """Also those that are refused, or are no JSON: each fails in its own place."""
    told: list[tuple[int, int | None]] = []
    rows: list[Any] = [{"value": 1}, {"code": 5}, {"value": {2}}, {"value": 3}]
    echo = client.notebooks["echo"]

    async def called() -> list[Any]:
        async with sdk.AsyncClient(podbook.url) as other:
            return [run async for run in (await other.notebooks["echo"]).map(rows, parallel=2)]

    found = list(echo.map(rows, parallel=2, progress=lambda *at: told.append(at)))

    assert told == [(n, 4) for n in (1, 2, 3, 4)]
    for runs in (found, asyncio.run(called())):
        assert [run.phase for run in runs] == ["Succeeded", "Refused", "Refused", "Succeeded"]
        refused, unsaid = runs[1:3]
        assert isinstance(refused.error, sdk.InvalidParameters)
        assert refused.error.errors[0]["pointer"] == "/parameters/code"
        assert isinstance(unsaid.error, TypeError)
        assert refused.view["parameters"] == rows[1]
        assert "Refused" in repr(refused)
        assert refused.is_final
        with pytest.raises(sdk.InvalidParameters):
            refused.check()
    assert [run.output_or(None) for run in found] == [{"got": 1}, None, None, {"got": 3}]
    with pytest.raises(sdk.NoOutput, match=r"(?s)there was no run: .*code"):
        _ = found[1].output
    for ask in (found[1].cancel, found[1].rerun, lambda: next(found[1].follow())):
        with pytest.raises(sdk.InvalidParameters):
            ask()
    with pytest.raises(ValueError, match="parallel is 0"):
        echo.map(rows, parallel=0)
    # What is known of it is asked again, not remembered.
    assert (found[0].error, found[0].wait().check()) == (None, found[0])


def test_a_row_whose_server_went_away_is_a_run_that_can_be_waited_for_again(
    client: sdk.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    echo = client.notebooks["echo"]

    def lost(*_: Any, **__: Any) -> Any:
        raise sdk.Unreachable("the server gave no answer")

    with monkeypatch.context() as away:
        away.setattr("podbook.calling.sync.Execution.wait", lost)
        (run,) = echo.map([{"value": 7}])

    assert isinstance(run.error, sdk.Unreachable)
    with pytest.raises(sdk.Unreachable):
        run.check()
    assert run.wait().check().output == {"got": 7}


def test_an_execution_is_found_followed_and_saved(client: sdk.Client, tmp_path: Path) -> None:
    execution = client.notebooks["echo"].submit({"value": "followed"}, idempotency_key="one")
    again = client.notebooks["echo"].submit({"value": "followed"}, idempotency_key="one")

    assert again.id == execution.id
    assert [event["type"] for event in execution.follow()][-1] == "execution.finished"
    assert execution.is_final
    latest = client.executions.latest("echo", {"value": "followed"})
    assert latest is not None
    assert latest.id == execution.id == client.executions.get(execution.id).id
    rows = {row.id: row for row in client.executions.list(notebook="echo")}
    assert rows[execution.id].output == {"got": "followed"}
    assert rows[execution.id].warnings == []
    saved = execution.download(tmp_path)
    assert tmp_path / "notebook.ipynb" in saved
    assert " in " in repr(execution)


def test_the_same_from_an_event_loop(podbook: RunningPodbook) -> None:
    async def call() -> tuple[Any, ...]:
        async with sdk.AsyncClient(str(podbook.http.base_url)) as client:
            echo = await client.notebooks["echo"]
            found = [run async for run in echo.map([{"value": 1}, {"value": 2}])]
            execution = await echo.submit({"value": 3})
            events = [event["type"] async for event in execution.follow()]
            latest = await client.executions.latest("echo", {"value": 3})
            assert latest is not None
            with pytest.raises(KeyError, match="did you mean 'echo'"):
                await client.notebooks["ecko"]
            return [await run.output for run in found], events[-1], latest.id == execution.id

    assert asyncio.run(call()) == ([{"got": 1}, {"got": 2}], "execution.finished", True)


def test_what_the_client_has_the_other_has_too(podbook: RunningPodbook, tmp_path: Path) -> None:
    """A frame, files by any name, a mapping, how far it is."""
    files = (
        "import os\nos.makedirs('artifacts/a b')\nopen('artifacts/a b/c#d?.txt', 'w').write('x')"
    )
    saved = "from podbook import save_output\nsave_output({'rows': [{'n': 1}, {'n': 2}]})"
    podbook.put("leaves", notebook(files, saved))
    told: dict[str, list[tuple[int, int | None]]] = {"one": [], "other": [], "map": []}

    def tell(whose: str) -> Any:
        return lambda done, total: told[whose].append((done, total))

    async def call(run: str) -> tuple[Any, list[Path], list[str]]:
        async with sdk.AsyncClient(str(podbook.http.base_url)) as client:
            found = await client.executions.get(run)
            files = await found.download(tmp_path / "other", tell("other"))
            leaves = await client.notebooks.get("leaves")
            assert leaves is not None
            assert repr(leaves).startswith("<AsyncNotebook leaves(")
            assert await client.notebooks.get("none") is None
            rows: list[dict[str, Any]] = [{}, {}]
            assert len([run async for run in leaves.map(rows, progress=tell("map"))]) == 2
            assert "leaves" in [notebook.id async for notebook in client.notebooks.values()]
            return await found.frame("/rows"), files, await client.notebooks.keys()

    with sdk.Client(str(podbook.http.base_url)) as client:
        run = client.notebooks["leaves"].run()
        first = run.download(tmp_path / "one", tell("one"))
        frame, files_there, names = asyncio.run(call(run.id))
        assert list(frame["n"]) == list(run.frame("/rows")["n"]) == [1, 2]

    kept = "files/a b/c#d?.txt"
    assert (tmp_path / "one" / kept).read_text() == (tmp_path / "other" / kept).read_text() == "x"
    assert [p.name for p in first] == [p.name for p in files_there]
    assert told["one"] == told["other"] == [(n, len(first)) for n in range(1, len(first) + 1)]
    assert told["map"] == [(1, 2), (2, 2)]
    assert "leaves" in names


@pytest.mark.parametrize("name", ["../x", "/etc/x", "files/../../x"])
def test_no_server_writes_outside_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="outside the folder"):
        left.places(tmp_path, ["output.json", name])


def answer(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"id": "x"}, headers=headers)


def taken(answers: list[Any]) -> tuple[Any, list[Ask], list[float]]:
    """Take a call's steps with these answers; return its result, what it asked and its pauses."""
    call, given = steps.submitted("n", {}, None, False, {}), iter(answers)
    asked: list[Ask] = []
    paused: list[float] = []
    reply: Any = None
    while True:
        try:
            step = call.send(reply)
        except StopIteration as done:
            return done.value, asked, paused
        if isinstance(step, Pause):
            paused.append(step.seconds)
            reply = None
        else:
            asked.append(step)
            reply = next(given)


def test_a_call_is_repeated_as_the_same_call_and_when_the_server_says() -> None:
    lost, busy = httpx.ConnectError("gone"), answer(503, **{"Retry-After": "7"})
    found, asked, paused = taken([lost, busy, answer(202)])

    assert found == {"id": "x"}
    assert len({ask.headers["Idempotency-Key"] for ask in asked}) == 1
    assert paused[1] == 7.0
    with pytest.raises(sdk.Unreachable, match="gone"):
        taken([lost] * 5)
    with pytest.raises(sdk.QueueFull) as full:
        taken([answer(429, **{"Retry-After": "0"})] * 5)
    assert full.value.retry_after == 0.0


@pytest.mark.parametrize(
    ("reason", "fault", "raised"),
    [
        ("NotebookRaised", "notebook", sdk.NotebookRaised),
        ("OutOfMemory", "notebook", sdk.NotebookFault),
        ("ImageUnavailable", "caller", sdk.CallerFault),
        ("OfANewerServer", "cluster", sdk.ClusterFault),
        ("OfANewerServer", "of a newer one", sdk.ClusterFault),
    ],
)
def test_a_reason_that_is_not_known_falls_to_its_fault(
    reason: str, fault: str, raised: type[Exception]
) -> None:
    from podbook.calling.outcomes import outcome

    shown = Shown()
    shown.view = {"id": "x", "phase": "Failed", "reason": reason, "explanation": {"fault": fault}}

    assert type(outcome(shown)) is raised


def test_inside_a_run_no_server_is_found_and_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODBOOK_OUTPUT", json.dumps("/tmp/x"))
    monkeypatch.delenv("PODBOOK_URL", raising=False)

    with pytest.raises(sdk.NoServer, match="runs in a pod of Podbook"):
        sdk.Client()


def test_what_a_notebook_shows_of_a_run_changes_until_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown, drawn_texts, ended = Shown(), list[str](), threading.Event()
    shown.view = {"id": "x", "notebook": "<n>", "phase": "Running"}

    class Handle:
        def update(self, text: str) -> None:
            drawn_texts.append(text)
            ended.set()

    def look() -> None:
        shown.view = {**shown.view, "phase": "Succeeded"}

    def display(text: str, **_: Any) -> Handle:
        drawn_texts.append(text)
        return Handle()

    same: Callable[[str], str] = str
    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr("IPython.display.HTML", same)
    drawn.draw(shown, look)

    assert ended.wait(10)
    assert ["Running" in drawn_texts[0], "Succeeded" in drawn_texts[1]] == [True, True]
    assert "&lt;n&gt;" in drawn_texts[0]
