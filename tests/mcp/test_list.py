"""The list of tools: names and schemas that every client takes, short, and told when it changes."""

import asyncio
import json
import re
import shutil
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from mcp import Client
from mcp.client.subscriptions import ToolsListChanged

from podbook_api.surfaces.mcp.listing import schemas
from podbook_api.surfaces.mcp.listing.tool_names import LONGEST, named
from podbook_crds.resources.notebook import SharedModel
from rig.ipynb import notebook
from rig.running import RunningPodbook
from rig.until import eventually
from tests.support.agents import ERAS, meet, tools

IDS = ["a/b", "a.b", "a_b", "A_B", "run_notebook", "été", "x" * 60, "x" * 61, "reports/2026-q1"]


def test_names_are_what_every_client_takes_and_differ_whatever_the_order() -> None:
    found = named(IDS, {"run_notebook"})

    assert found == named(reversed(IDS), {"run_notebook"})
    assert sorted(found.values()) == sorted(IDS)
    assert all(re.fullmatch(r"[a-z0-9_]{1,48}", name) for name in found), found
    assert (found["a_b"], found["reports_2026_q1"]) == ("a_b", "reports/2026-q1")
    assert "run_notebook" not in found
    assert max(map(len, found)) <= LONGEST


def test_schemas_stand_on_their_own_and_end_where_they_lead_back() -> None:
    tree = {"type": "object", "properties": {"next": {"$ref": "nbschema://tree"}, "v": {}}}
    models = {
        "tree": SharedModel.model_validate({"import": "models:Tree", "schema": tree}),
    }
    schema: dict[str, Any] = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"Day": {"type": "string", "format": "date", "pattern": "(?P<x>.)"}},
        "properties": {
            "day": {"$ref": "#/definitions/Day", "description": "When.", "default": "2026-01-01"},
            "tree": {"$ref": "nbschema://tree"},
            "maybe": {"oneOf": [{"type": "integer"}, {"type": "null"}]},
            "gone": {"$ref": "#/nowhere"},
        },
        "required": ["day"],
    }

    found = schemas.entered(schema, models, closed=True)

    assert "$" not in json.dumps(found)
    assert found["properties"]["day"] == {
        **{"type": "string", "format": "date"},
        **{"description": "When.", "default": "2026-01-01"},
    }
    assert found["properties"]["tree"]["properties"]["next"] == {}
    assert found["properties"]["maybe"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert (found["required"], found["additionalProperties"]) == (["day"], False)


def test_a_schema_that_doubles_has_an_end() -> None:
    doubling = {
        f"m{n}": SharedModel.model_validate(
            {
                "import": "models:M",
                "schema": {"allOf": [{"$ref": f"nbschema://m{n + 1}"}] * 8},
            }
        )
        for n in range(20)
    }
    found = schemas.saved({"$ref": "nbschema://m0"}, doubling)
    assert len(json.dumps(found)) < 100_000


def test_many_notebooks_are_found_by_search_and_a_change_is_told(served: RunningPodbook) -> None:
    simple = json.dumps(notebook("1"))
    heard = asyncio.Event()

    async def talk(client: Client) -> None:
        async with client.listen(tools_list_changed=True) as events:
            for number in range(60):
                served.save(f"many/n{number:03}", simple)
            async for event in events:
                if isinstance(event, ToolsListChanged):
                    heard.set()
                    return

    with httpx.stream("GET", f"{served.url}/mcp", timeout=60, trust_env=False) as older:
        lines = older.iter_lines()
        meet(served.url, "2026-07-28", talk)
        assert heard.is_set()
        assert "list_changed" in next(line for line in lines if line.startswith("data: "))
    while "many/n059" not in served.http.get("/v1/notebooks?query=many/n059").text:
        pass
    few = tools(served.url)
    # What says so itself stays a tool.
    assert list(few)[6:] == ["reports_slow"]
    narrow = tools(served.url, query="?notebooks=many/n0[0-3]*")
    assert len(narrow) == 46
    for era in ERAS:
        assert meet(served.url, era, _pages_of("many")) == [f"many/n{n:03}" for n in range(60)]
    # Whichever test comes next finds its notebooks to be tools again.
    shutil.rmtree(served.folder / "many")
    eventually(lambda: "add" in tools(served.url), "they are few again")


def _pages_of(folder: str) -> Callable[[Client], Awaitable[list[str]]]:
    """Read every page of a folder as an agent does, which is told the next one's cursor."""

    async def talk(client: Client) -> list[str]:
        await client.list_tools()
        ids: list[str] = []
        asked: dict[str, Any] = {"folder": folder}
        while True:
            page = (await client.call_tool("list_notebooks", asked)).structured_content
            assert len(page["notebooks"]) <= 50
            ids += [line["id"] for line in page["notebooks"]]
            if "nextCursor" not in page:
                return ids
            asked["cursor"] = page["nextCursor"]

    return talk


# What JSON does not have, or not twice; as a client that knows no better writes it.
NUMBERS = ["NaN", "Infinity", "-Infinity", "1e999", '{"a": NaN}', "[-Infinity]"]


@pytest.mark.parametrize("tool", ["add", "run_notebook"])
def test_numbers_that_are_no_json_are_refused_in_words(served: RunningPodbook, tool: str) -> None:
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-11-25",
    }
    for number in NUMBERS:
        given = f'{{"first": {number}}}'
        arguments = given if tool == "add" else f'{{"notebook": "add", "parameters": {given}}}'
        call = f'{{"name": "{tool}", "arguments": {arguments}}}'
        body = f'{{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {call}}}'
        answer = served.http.post("/mcp", content=body.encode(), headers=headers)
        assert answer.status_code in (200, 400), (number, answer.text)
        assert "JSON" in answer.text, (number, answer.text)
        assert "executionId" not in answer.text, (number, answer.text)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{", 400, id="half a message"),
        pytest.param(b"[]", 400, id="no message"),
        pytest.param(b"\xff", 400, id="no text"),
        pytest.param(b"[" * 100_000, 400, id="too deep"),
    ],
)
def test_what_is_no_message_is_refused(served: RunningPodbook, body: bytes, status: int) -> None:
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
    }
    for more in ({}, {"MCP-Protocol-Version": "2026-07-28"}):
        answer = served.http.post("/mcp", content=body, headers={**headers, **more})
        assert answer.status_code == status, answer.text
    foreign = {**headers, "Origin": "https://elsewhere.example"}
    assert served.http.post("/mcp", content=b"{}", headers=foreign).status_code == 403
    named_otherwise = {**headers, "Host": "rebound.example"}
    assert served.http.post("/mcp", content=b"{}", headers=named_otherwise).status_code == 421
