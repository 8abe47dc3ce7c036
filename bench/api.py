"""What a REST call costs on an empty store and beside 10 000 finished executions.

Run as `python -m bench.api [EXECUTIONS]`. Client, API and cluster share the machine.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import aiohttp

from podbook_crds import names
from rig import api as apis
from rig import embedded

_FINISHED: Final = 10_000
_CALLS: Final = 600
_WARM_UP: Final = 50
_AT_ONCE: Final = 16
_EXECUTIONS: Final = f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}"
_STATUS: Final = {
    "phase": "Succeeded",
    "reason": "NotebookCompleted",
    "finishedAt": "2026-01-01T00:00:00.000000Z",
    "output": {"needs_discount": False},
    "hasOutput": True,
}

Call = Callable[[], Awaitable[Any]]


def main() -> None:
    """Print the table."""
    finished = int(sys.argv[1]) if len(sys.argv) > 1 else _FINISHED
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with embedded.running(folder / "cluster", embedded.PLAYED) as cluster:
            apis.put_notebook(cluster, "bench", input={"properties": {"x": {"type": "integer"}}})
            empty = _measured(cluster, folder)
            asyncio.run(_fill(cluster, finished))
            full = _measured(cluster, folder)
    print(f"| call | empty store: p50, p99 ms; calls/s | {finished} finished | p99 ratio |")
    print("|---|---|---|---|")
    for what, before in empty.items():
        after = full[what]
        print(f"| {what} | {before} | {after} | {after.p99 / before.p99:.2f} |")


def _measured(cluster: embedded.EmbeddedCluster, folder: Path) -> dict[str, "Figures"]:
    start = time.perf_counter()
    with apis.running(cluster, folder / "api", PODBOOK_QUEUE_LIMIT="1000000") as api:
        print(f"API ready after {time.perf_counter() - start:.2f} s")
        return asyncio.run(_calls(api))


class Figures:
    """Times of calls one after the other, in ms, and calls per second, 16 at once."""

    def __init__(self, seconds: list[float], rate: float) -> None:
        cuts = statistics.quantiles(seconds, n=100)
        self.p50, self.p99, self.rate = cuts[49] * 1000, cuts[98] * 1000, rate

    def __str__(self) -> str:
        return f"{self.p50:.1f}, {self.p99:.1f}; {self.rate:.0f}"


async def _calls(api: apis.RunningApi) -> dict[str, Figures]:
    async with aiohttp.ClientSession(api.url) as client:

        async def post() -> dict[str, Any]:
            body = {"parameters": {"x": 1}}
            async with client.post("/v1/notebooks/bench/executions", json=body) as answer:
                assert answer.status == 202, await answer.text()
                made: dict[str, Any] = await answer.json()
                return made

        async def get(path: str) -> None:
            async with client.get(path) as answer:
                assert answer.status == 200, await answer.text()
                await answer.read()

        made = (await post())["links"]["self"]
        return {
            "GET an execution": await _figures(lambda: get(made)),
            "GET a list page": await _figures(lambda: get("/v1/executions?limit=50")),
            "GET a filtered page": await _figures(lambda: get("/v1/executions?notebook=bench")),
            "POST": await _figures(post),
        }


async def _figures(call: Call) -> Figures:
    for _ in range(_WARM_UP):
        await call()
    seconds = []
    for _ in range(_CALLS):
        start = time.perf_counter()
        await call()
        seconds.append(time.perf_counter() - start)
    start = time.perf_counter()
    await _at_once(call, _CALLS)
    return Figures(seconds, _CALLS / (time.perf_counter() - start))


async def _at_once(call: Call, count: int) -> None:
    left = iter(range(count))

    async def worker() -> None:
        for _ in left:
            await call()

    await asyncio.gather(*(worker() for _ in range(_AT_ONCE)))


async def _fill(cluster: embedded.EmbeddedCluster, count: int) -> None:
    """Make finished executions, past the API."""
    headers = {"Authorization": f"Bearer {cluster.token}"}
    numbers = iter(range(count))
    patch_type = {"Content-Type": "application/merge-patch+json"}

    async def make() -> None:
        name = f"finished-{next(numbers)}"
        body = {
            "apiVersion": names.API_VERSION,
            "kind": names.EXECUTION_KIND,
            "metadata": {"name": name},
            "spec": {"notebook": {"name": "other"}, "parameters": {"text": "x" * 1000}},
        }
        async with client.post(_EXECUTIONS, json=body) as answer:
            assert answer.status == 201, await answer.text()
        path = f"{_EXECUTIONS}/{name}/status"
        async with client.patch(path, json={"status": _STATUS}, headers=patch_type) as answer:
            assert answer.status == 200, await answer.text()

    async with aiohttp.ClientSession(cluster.url, headers=headers) as client:
        await _at_once(make, count)


if __name__ == "__main__":
    main()
