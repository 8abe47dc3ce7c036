"""What a run's log costs and how soon it is read: bytes, writes, latency, many readers, many runs.

Run as `python -m bench.events`. The machine's load is in every figure: compare those of one run.
"""

import asyncio
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from podbook_crds import names
from podbook_crds.formats.media_types import NDJSON
from rig.ipynb import notebook
from rig.running import RunningPodbook, running
from rig.told import ToldRun
from rig.until import eventually

_CELLS: Final = int(os.environ.get("BENCH_CELLS", "300"))
_CELL_BYTES: Final = 50_000
_SECONDS: Final = int(os.environ.get("BENCH_SECONDS", "60"))
_READERS: Final = int(os.environ.get("BENCH_READERS", "500"))
_RUNS: Final = int(os.environ.get("BENCH_RUNS", "200"))
TICKS: Final = """import time
for n in range({count}):
    print(time.time(), flush=True)
    time.sleep({every})
"""


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder, "notebooks")
        catalog.mkdir()
        prints = f"import time\nprint('x' * {_CELL_BYTES})\ntime.sleep(0.02)"
        _save(catalog, "large", notebook(*[prints] * _CELLS))
        _save(catalog, "ticking", notebook(TICKS.format(count=_SECONDS, every=1)))
        _save(catalog, "watched", notebook(TICKS.format(count=40, every=0.25)))
        with running(catalog, Path(folder, "data"), "--quiet", "--slots", "2") as podbook:
            _print_simulated()
            print("\n| unwatched | shown | log, at most | writes |\n|---|---|---|---|")
            _print_cost(
                podbook, "large", f"{_CELLS} cells that print {_CELL_BYTES // 1000} kB each"
            )
            _print_cost(podbook, "ticking", f"a line each second for {_SECONDS} s")
            asyncio.run(_print_latency(podbook))
            asyncio.run(_print_many_runs(podbook))


def _save(catalog: Path, name: str, ipynb: Any) -> None:
    (catalog / f"{name}.ipynb").write_text(json.dumps(ipynb))


def _print_simulated() -> None:
    """Run without a kernel and by a clock that is moved: two hours take a second."""
    print("| simulated, unwatched | shown | sent | log, at most | writes |\n|---|---|---|---|---|")
    large = ToldRun(300)
    for cell in range(300):
        large.begin(cell)
        large.print(cell, "x" * _CELL_BYTES)
        large.end(cell)
        large.passes(5)
    for what, run in (
        ("a line each second for 2 h", _ticking()),
        (f"300 cells of {_CELL_BYTES // 1000} kB, one each 5 s", large),
        ("a chart of 5 MB, then 10 kB drawn anew each 5 s for 2 h", _drawn_anew(5_000_000)),
        ("the same without the chart", _drawn_anew(0)),
    ):
        shown, kept = len(json.dumps(run.notebook)), run.kept
        sizes = " | ".join(f"{size / 1e6:.2f} MB" for size in (shown, kept.sent, kept.most))
        print(f"| {what} | {sizes} | {kept.writes} |")


def _ticking() -> ToldRun:
    run = ToldRun(1)
    run.begin(0)
    for second in range(7200):
        run.print(0, f"{second}: epoch done\n")
        run.passes(1)
    return run


def _drawn_anew(chart: int) -> ToldRun:
    run = ToldRun(2)
    run.begin(0)
    data = {"image/png": "i" * chart}
    run.show(0, {"output_type": "display_data", "data": data, "metadata": {}})
    run.end(0)
    run.begin(1)
    for second in range(7200 // 5):
        run.redraw(1, f"{second:04}\n" * 2000)
        run.passes(5)
    return run


def _print_cost(podbook: RunningPodbook, name: str, what: str) -> None:
    """Look at the log's folder while the run goes on: each file in it is one write."""
    execution = podbook.post(name, is_awaited=False)["id"]
    segments: dict[str, int] = {}
    most = 0
    while True:
        view = podbook.http.get(f"/v1/executions/{execution}").json()
        now = {str(p): p.stat().st_size for p in _log(podbook, execution)}
        segments |= now
        most = max(most, sum(now.values()))
        if view["phase"] in ("Succeeded", "Failed", "Cancelled"):
            break
        time.sleep(0.1)
    shown = next(a["size"] for a in view["artifacts"] if a["name"] == "notebook.ipynb")
    print(f"| {what} | {shown / 1e6:.2f} MB | {most / 1e6:.2f} MB | {len(segments)} |", flush=True)


def _log(podbook: RunningPodbook, execution: str) -> list[Path]:
    uid = podbook.cluster_request(
        "GET", f"/apis/{names.API_VERSION}/namespaces/default/{names.EXECUTION_PLURAL}/{execution}"
    )["metadata"]["uid"]
    return [
        p for p in podbook.store.rglob("*") if uid in str(p) and ".log" in p.parts and p.is_file()
    ]


async def _print_latency(podbook: RunningPodbook) -> None:
    print("\n| watched: print to reader | p50 | p95 | API's CPU |\n|---|---|---|---|")
    for readers in (1, _READERS):
        execution = podbook.post("watched", is_awaited=False)["id"]
        _await_start(podbook, execution)
        before, began = _cpu(podbook), time.monotonic()
        ready = asyncio.Barrier(readers)
        seen = await asyncio.gather(
            *(follow(podbook.url, execution, ready) for _ in range(readers))
        )
        share = (_cpu(podbook) - before) / (time.monotonic() - began)
        row = f"{latencies([seconds for each in seen for seconds in each])} | {share:.0%}"
        print(f"| {readers} reader{'s' * (readers > 1)} of one run | {row} |", flush=True)


def latencies(late: list[float]) -> str:
    """Return the middle one, and what 95 of 100 stay below, as cells of a table."""
    p95 = sorted(late)[int(0.95 * len(late))]
    return f"{statistics.median(late):.2f} s | {p95:.2f} s"


async def _print_many_runs(podbook: RunningPodbook) -> None:
    """Follow many runs that wait: what each connection costs while nothing is told."""
    held = [podbook.post("ticking", is_awaited=False)["id"] for _ in range(_RUNS)]
    tasks = [asyncio.create_task(follow(podbook.url, name)) for name in held]
    await asyncio.sleep(5)
    before, began = _cpu(podbook), time.monotonic()
    await asyncio.sleep(15)
    share = (_cpu(podbook) - before) / (time.monotonic() - began)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(f"\n{_RUNS} runs followed at once, two of them running: {share:.0%} of a CPU for the API")


async def follow(
    url: str, execution: str, ready: asyncio.Barrier | None = None, *, token: str = ""
) -> list[float]:
    """Return how late each line was that a cell printed with the time.

    Over a bare socket: five hundred readers share a process with each other, not with the API.
    """
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=2**24)
    path = f"/v1/executions/{execution}/events"
    head = f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nAccept: {NDJSON}\r\n"
    head += f"Authorization: Bearer {token}\r\n" if token else ""
    writer.write(f"{head}\r\n".encode())
    late: list[float] = []
    try:
        await reader.readuntil(b'"execution.phase"')
        if ready is not None:
            await ready.wait()
        opened = time.time()
        async for line in reader:
            now = time.time()
            if b'"stream.spliced"' in line:
                # What was printed before all readers were there is no measure.
                late += [now - when for when in _printed(line) if opened < when < now]
            elif b'"execution.finished"' in line:
                return late
    finally:
        writer.close()
    return late


def _printed(line: bytes) -> list[float]:
    return [float(t) for t in json.loads(line)["text"].split() if t.startswith("1")]


def _await_start(podbook: RunningPodbook, execution: str) -> None:
    def runs() -> bool:
        view = podbook.http.get(f"/v1/executions/{execution}").json()
        return str(view["phase"]) == "Running"

    eventually(runs, "it runs", seconds=120)


def _cpu(podbook: RunningPodbook) -> float:
    """Return the seconds of CPU that the API has had."""
    fields = Path(f"/proc/{podbook.pid_of('api')}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
