"""What the embedded API server does per second, how soon a watcher knows, and what it holds.

Run as `python -m bench.apiserver`. Client and server share the machine, as on a laptop.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import aiohttp
import uvloop

from rig import embedded
from rig.widgets import API_VERSION, DEFINITION, a_widget

_WRITES: Final = 2_000
_READS: Final = 4_000
_OBJECTS: Final = 10_000
_AT_ONCE: Final = 16
_PROBES: Final = 200
_WIDGETS: Final = f"/apis/{API_VERSION}/namespaces/default/widgets"
_JSON_PATCH: Final = {"Content-Type": "application/json-patch+json"}
# About what an execution weighs: 1.7 KB.
_PARAMETERS: Final = {f"parameter_{number}": "x" * 60 for number in range(16)}

Step = Callable[[int], Awaitable[None]]


async def measure(cluster: embedded.EmbeddedCluster) -> list[tuple[str, str]]:
    """Return the rows of the table."""
    headers = {"Authorization": f"Bearer {cluster.token}"}
    connector = aiohttp.TCPConnector(limit=_AT_ONCE + 1)
    async with aiohttp.ClientSession(cluster.url, headers=headers, connector=connector) as client:
        rows = [
            ("creates/s, durable", await _rate(_WRITES, _create(client))),
            ("gets/s", await _rate(_READS, _get(client))),
            ("status patches/s, durable", await _rate(_WRITES, _patch(client))),
            *await _latency(client),
        ]
        empty = memory_mib(cluster.pid)
        await _rate(_OBJECTS - _WRITES, _create(client, first=_WRITES))
        rows += [
            (f"memory with {_WRITES:,} objects", f"{empty:.0f} MiB"),
            (f"memory with {_OBJECTS:,} objects", f"{memory_mib(cluster.pid):.0f} MiB"),
            ("list of 500 of them", await _list(client, "?limit=500")),
            ("list of all", await _list(client, "")),
        ]
    return rows


async def _rate(count: int, step: Step) -> str:
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            await step(number)

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return f"{count / (time.perf_counter() - started):,.0f}"


def _create(client: aiohttp.ClientSession, *, first: int = 0) -> Step:
    async def step(number: int) -> None:
        body = a_widget(f"w{first + number}", parameters=_PARAMETERS)
        async with client.post(_WIDGETS, json=body) as response:
            assert response.status == 201, await response.text()

    return step


def _get(client: aiohttp.ClientSession) -> Step:
    async def step(number: int) -> None:
        async with client.get(f"{_WIDGETS}/w{number % _WRITES}") as response:
            assert response.status == 200
            await response.read()

    return step


def _patch(client: aiohttp.ClientSession) -> Step:
    patch = json.dumps([{"op": "add", "path": "/status", "value": {"phase": "Running"}}])

    async def step(number: int) -> None:
        url = f"{_WIDGETS}/w{number}/status"
        async with client.patch(url, data=patch, headers=_JSON_PATCH) as response:
            assert response.status == 200, await response.text()

    return step


async def _latency(client: aiohttp.ClientSession) -> list[tuple[str, str]]:
    """Return how long after a write is sent a watcher reads of it."""
    seen: dict[str, float] = {}
    async with client.get(
        f"{_WIDGETS}?watch=true&resourceVersion={await _revision(client)}"
    ) as stream:
        reader = asyncio.create_task(_follow(stream, seen))
        sent = {}
        for number in range(_PROBES):
            name = f"probe{number}"
            sent[name] = time.perf_counter()
            async with client.post(_WIDGETS, json=a_widget(name)) as response:
                assert response.status == 201
            await asyncio.sleep(0.005)
        while len(seen) < _PROBES:
            await asyncio.sleep(0.01)
        reader.cancel()
    delays = sorted((seen[name] - moment) * 1000 for name, moment in sent.items())
    p99 = delays[int(len(delays) * 0.99)]
    return [
        ("write to watch, p50", f"{statistics.median(delays):.2f} ms"),
        ("write to watch, p99", f"{p99:.2f} ms"),
    ]


async def _follow(stream: aiohttp.ClientResponse, seen: dict[str, float]) -> None:
    async for line in stream.content:
        event: Any = json.loads(line)
        seen[event["object"]["metadata"]["name"]] = time.perf_counter()


async def _revision(client: aiohttp.ClientSession) -> str:
    async with client.get(f"{_WIDGETS}?limit=1") as response:
        return str((await response.json())["metadata"]["resourceVersion"])


async def _list(client: aiohttp.ClientSession, query: str) -> str:
    started = time.perf_counter()
    async with client.get(_WIDGETS + query) as response:
        size = len(await response.read())
    return f"{(time.perf_counter() - started) * 1000:.0f} ms, {size / 2**20:.1f} MiB"


def memory_mib(pid: int) -> float:
    """Return a process's resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "widgets.json"
        manifest.write_text(json.dumps(DEFINITION))
        options = ["--no-kubelet", "--manifest", str(manifest)]
        with embedded.running(Path(folder) / "cluster", options) as cluster:
            rows = uvloop.run(measure(cluster))
    width = max(len(name) for name, _ in rows)
    sys.stdout.writelines(f"{name:<{width}}  {value:>18}\n" for name, value in rows)


if __name__ == "__main__":
    main()
