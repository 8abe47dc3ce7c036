"""What an agent waits for beside a large catalog: the list of tools, a search, every page, a call.

Run as `python -m bench.agents [NOTEBOOKS]`; 500 where nothing is named.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from rig.ipynb import notebook
from rig.running import running

_TIMES: Final = 10
_ERAS: Final = {"2026-07-28": "2026-07-28", "2025-11-25": "legacy"}
_CONTRACT: Final = {
    "input": {"properties": {"month": {"type": "string", "description": "Which month."}}},
    "output": {"type": "object", "properties": {"sum": {"type": "number"}}},
}


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder, "notebooks")
        for number in range(count):
            path = catalog / f"folder{number % 20}" / f"report_{number:04}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(notebook("# A report", "1")))
            path.with_suffix(".config.json").write_text(json.dumps(_CONTRACT))
        with running(catalog, Path(folder, "data"), "--quiet") as podbook:
            print(f"| {count} notebooks | era | ms, median | ms, longest |\n|---|---|---|---|")
            for era, mode in _ERAS.items():
                asyncio.run(_print(podbook.url, era, mode, count))


async def _print(url: str, era: str, mode: str, count: int) -> None:
    for what, query, ask in (
        ("list of tools, all else found by search", "", _tools(6)),
        ("list of tools, a folder's one each", "?notebooks=folder7/*", _tools(6 + count // 20)),
        ("a search", "", _search("report_0042", 1)),
        ("a page of 50", "", _search("", min(count, 50))),
        ("every page", "", _all_pages(count)),
    ):
        async with httpx2.AsyncClient(timeout=60, trust_env=False) as http:
            transport = streamable_http_client(f"{url}/mcp{query}", http_client=http)
            async with Client(transport, mode=mode) as client:
                await _measure(f"{what} | {era}", client, ask)


async def _measure(row: str, client: Client, ask: Callable[[Client], Awaitable[None]]) -> None:
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        await ask(client)
        took.append(1000 * (time.perf_counter() - began))
    print(f"| {row} | {statistics.median(took):.0f} | {max(took):.0f} |", flush=True)


def _tools(least: int) -> Callable[[Client], Awaitable[None]]:
    async def ask(client: Client) -> None:
        assert len((await client.list_tools()).tools) >= least

    return ask


def _search(query: str, found: int) -> Callable[[Client], Awaitable[None]]:
    async def ask(client: Client) -> None:
        page = await _page(client, query, None)
        assert len(page["notebooks"]) == found, len(page["notebooks"])

    return ask


def _all_pages(count: int) -> Callable[[Client], Awaitable[None]]:
    async def ask(client: Client) -> None:
        seen, cursor = 0, ""
        while cursor is not None:
            page = await _page(client, "", cursor)
            seen, cursor = seen + len(page["notebooks"]), page.get("nextCursor")
        assert seen == count

    return ask


async def _page(client: Client, query: str, cursor: str | None) -> Any:
    asked = {"query": query, **({"cursor": cursor} if cursor else {})}
    return (await client.call_tool("list_notebooks", asked)).structured_content


if __name__ == "__main__":
    main()
