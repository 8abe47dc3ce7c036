"""What an agent gets for a call, by the protocol of 2026 and by the one before."""

from typing import Any

import pytest
from mcp import Client

from rig.running import RunningPodbook
from tests.support.agents import ERAS, call, ended, meet, text_of, tools

both_eras = pytest.mark.parametrize("era", ERAS)


@both_eras
def test_a_notebook_is_a_typed_tool(served: RunningPodbook, era: str) -> None:
    listed = tools(served.url, era)
    assert list(listed) == [
        "list_notebooks",
        "describe_notebook",
        "run_notebook",
        "get_execution",
        "get_artifact",
        "cancel_execution",
        "add",
        "draws",
        "raises",
        "reports_slow",
    ]
    assert listed["add"].input_schema["required"] == ["first"]
    assert (listed["reports_slow"].meta or {})["podbook.dev/notebook"] == "reports/slow"
    result = call(served.url, era, "add", {"first": 40})
    assert not result.is_error
    assert result.structured_content["output"] == {"sum": 42}
    assert text_of(result).startswith("Succeeded in ")
    assert '"sum": 42' in text_of(result)


@both_eras
def test_a_long_run_is_answered_with_a_handle_and_told_of_meanwhile(
    served: RunningPodbook, era: str
) -> None:
    until = served.shared / f"until-{era}"
    given = {"until": str(until)}
    told: list[tuple[float, str | None]] = []

    async def talk(client: Client) -> None:
        async def progress(progress: float, total: float | None, message: str | None) -> None:
            told.append((progress, message))

        await client.list_tools()
        handle = await client.call_tool("reports_slow", given, progress_callback=progress)
        assert not handle.is_error
        assert handle.structured_content["phase"] in ("Queued", "Starting", "Running")
        assert "output" not in handle.structured_content
        assert "get_execution" in text_of(handle)
        name = handle.structured_content["executionId"]
        again = await client.call_tool("reports_slow", given)
        assert again.structured_content["executionId"] == name
        assert again.structured_content["reused"] is True
        until.touch()
        done = await ended(client, again)
        assert done.structured_content["output"] == [1, 2]
        anew = await client.call_tool("reports_slow", given)
        assert anew.structured_content["executionId"] != name
        assert "reused" not in anew.structured_content

    meet(served.url, era, talk)
    assert len(told) >= 2
    assert [done for done, _ in told] == sorted({done for done, _ in told})


@both_eras
def test_a_failure_names_the_reason_the_cell_and_the_traceback(
    served: RunningPodbook, era: str
) -> None:
    result = call(served.url, era, "raises", {})
    assert result.is_error
    assert result.structured_content["phase"] == "Failed"
    text = text_of(result)
    for part in ("NotebookRaised", "ValueError: no such month", "inner()", "\x1b"):
        assert (part in text) == (part != "\x1b"), part


@both_eras
def test_arguments_that_do_not_fit_are_named_one_by_one(served: RunningPodbook, era: str) -> None:
    rows: list[tuple[str, dict[str, Any], list[str]]] = [
        ("add", {"first": "x", "frist": 1}, ["/parameters/first", "/parameters/frist"]),
        ("add", {}, ["/parameters", "first"]),
        ("run_notebook", {"notebook": "nothing"}, ["nothing"]),
        ("run_notebook", {"notebok": "add"}, ["/notebook: is required", "/notebok"]),
        ("run_notebook", {"notebook": "hidden"}, ["hidden", "agents"]),
        ("describe_notebook", {"notebook": 3}, ["/notebook: has to be a string"]),
        ("get_execution", {"executionId": "no-such"}, ["no-such"]),
        ("get_execution", {"executionId": "x", "waitSeconds": -1}, ["/waitSeconds"]),
        ("get_artifact", {"executionId": "x", "name": "y", "limit": 0}, ["/limit"]),
        ("cancel_execution", {"executionId": "../x"}, ["../x"]),
        ("list_notebooks", {"cursor": "%%%"}, ["nextCursor"]),
        ("ad", {}, ["'ad'", "'add'"]),
        ("hidden", {}, ["hidden"]),
    ]

    async def talk(client: Client) -> None:
        await client.list_tools()
        for tool, arguments, parts in rows:
            result = await client.call_tool(tool, arguments)
            assert result.is_error, (tool, arguments)
            assert result.structured_content is None
            for part in parts:
                assert part in text_of(result), (tool, arguments)

    meet(served.url, era, talk)


def test_plots_come_as_images_and_a_large_output_by_parts(served: RunningPodbook) -> None:
    async def talk(client: Client) -> None:
        await client.list_tools()
        drawn = await ended(client, await client.call_tool("draws", {}))
        kinds = [block.type for block in drawn.content]
        assert kinds == ["text", "image", "image", "image", "resource_link", "resource_link"]
        by_id = {"notebook": "large"}
        large = await ended(client, await client.call_tool("run_notebook", by_id))
        assert large.structured_content["outputOmitted"] is True
        assert "output" not in large.structured_content
        assert len(text_of(large)) < 20_000
        wanted = {"executionId": large.structured_content["executionId"], "name": "output.json"}
        parts, offset = "", 0
        while offset is not None:
            asked: dict[str, Any] = {**wanted, "offset": offset, "limit": 50_000}
            part = (await client.call_tool("get_artifact", asked)).structured_content
            parts, offset = parts + part["text"], part.get("nextOffset")
        assert parts == '"' + "x" * 70_000 + '"'

    meet(served.url, "2026-07-28", talk)


def test_an_answer_that_is_there_is_given_again_unless_another_is_wanted(
    served: RunningPodbook,
) -> None:
    async def talk(client: Client) -> None:
        by_id = {"notebook": "draws-lots"}
        first = await ended(client, await client.call_tool("run_notebook", by_id))
        told = first.structured_content
        again = (await client.call_tool("run_notebook", by_id)).structured_content
        fresh = await client.call_tool("run_notebook", {**by_id, "fresh": True})
        anew = (await ended(client, fresh)).structured_content
        assert (again["executionId"], again["output"]) == (told["executionId"], told["output"])
        assert (again["reused"], again["ageSeconds"] >= 0) == (True, True)
        assert anew["executionId"] != told["executionId"]

    meet(served.url, "2026-07-28", talk)


def test_a_notebook_that_is_no_tool_is_found_read_and_run(served: RunningPodbook) -> None:
    async def talk(client: Client) -> None:
        found = await client.call_tool("list_notebooks", {"query": "sum"})
        assert [each["id"] for each in found.structured_content["notebooks"]] == ["add"]
        folder = await client.call_tool("list_notebooks", {"folder": "reports"})
        assert [each["id"] for each in folder.structured_content["notebooks"]] == ["reports/slow"]
        kept = {each["managedBy"] for each in folder.structured_content["notebooks"]}
        assert kept == {"up"}
        described = await client.call_tool("describe_notebook", {"notebook": "add"})
        assert described.structured_content["outputSchema"]["required"] == ["sum"]
        everything = await client.call_tool("list_notebooks", {})
        assert "hidden" not in text_of(everything)

    meet(served.url, "2026-07-28", talk)
    assert list(tools(served.url, query="?notebooks=reports/*,large"))[6:] == ["reports_slow"]
