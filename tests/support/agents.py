"""Speaks to /mcp as agents do: with the protocol's official client, in both of its eras."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, Tool

T = TypeVar("T")

_GOES_ON: Final = ("Queued", "Starting", "Running")

ERAS: Final = {"2026-07-28": "2026-07-28", "2025-11-25": "legacy"}


def meet(
    url: str, era: str, talk: Callable[[Client], Awaitable[T]], *, query: str = "", token: str = ""
) -> T:
    """Return what came of a talk with the server of that address, by a client of that era."""

    async def session() -> T:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with httpx2.AsyncClient(headers=headers, timeout=60, trust_env=False) as http:
            transport = streamable_http_client(f"{url}/mcp{query}", http_client=http)
            async with Client(transport, mode=ERAS[era]) as client:
                assert client.protocol_version == era
                return await talk(client)

    return asyncio.run(session())


def call(url: str, era: str, tool: str, arguments: dict[str, Any], **how: Any) -> CallToolResult:
    """Return the result of one call, which the client has checked against the tool's schema."""

    async def talk(client: Client) -> CallToolResult:
        await client.list_tools()
        return await ended(client, await client.call_tool(tool, arguments))

    return meet(url, era, talk, **how)


async def ended(client: Client, result: CallToolResult) -> CallToolResult:
    """Return the result of a run that goes on, as an agent would go after it."""
    while (result.structured_content or {}).get("phase") in _GOES_ON:
        asked = {"executionId": result.structured_content["executionId"], "waitSeconds": 30}
        result = await client.call_tool("get_execution", asked)
    return result


def tools(url: str, era: str = "2026-07-28", **how: Any) -> dict[str, Tool]:
    """Return what the server lists, by name."""

    async def talk(client: Client) -> dict[str, Tool]:
        return {tool.name: tool for tool in (await client.list_tools()).tools}

    return meet(url, era, talk, **how)


def text_of(result: CallToolResult) -> str:
    """Return what a model reads first."""
    return str(getattr(result.content[0], "text", ""))
