"""What the whole way costs beside `papermill in out`: POST to final, by hop, and in writes.

Run as `python -m bench.path`. Pairs alternate, so that a busy machine is busy for both; both run
the same two-cell notebook with a new kernel of the same environment.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from rig.ipynb import notebook
from rig.running import RunningPodbook, running
from rig.until import eventually

_PAIRS = 20
_RUNS_BY_HOP = 10
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
# Asked with a POST, but nothing is written.
_QUESTIONS = ("tokenreviews", "subjectaccessreviews", "serviceaccounts/token")
# What Podbook itself writes; the rest is the node's, which a real cluster has too.
_OURS = ("podbook-api", "podbook-operator")


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder, "notebooks")
        catalog.mkdir()
        path = catalog / "two_cells.ipynb"
        path.write_text(json.dumps(notebook("x = 1", "print(x)")))
        with running(catalog, Path(folder, "data"), "--enable-faults") as podbook:
            _run(podbook)
            _print_pairs(podbook, path)
            _print_hops(podbook)
            _print_writes(podbook)


def _print_pairs(podbook: RunningPodbook, path: Path) -> None:
    ours, theirs = [], []
    for _ in range(_PAIRS):
        ours.append(timed(lambda: _run(podbook)))
        theirs.append(timed(lambda: papermill(path)))
    one, other = statistics.median(ours), statistics.median(theirs)
    print("| two cells | median | fastest | ratio of medians |\n|---|---|---|---|")
    print(f"| `papermill in out` | {other:.2f} s | {min(theirs):.2f} s | 1 |")
    print(f"| POST to final, pod included | {one:.2f} s | {min(ours):.2f} s | {one / other:.2f} |")


def _print_hops(podbook: RunningPodbook) -> None:
    """Where the time of a cold run goes, by what was written down on the way."""
    hops: dict[str, list[float]] = {}
    for _ in range(_RUNS_BY_HOP):
        before, *moments = _moments(podbook)
        for what, moment in moments:
            hops.setdefault(what, []).append(moment - before[1])
            before = what, moment
    middle = {what: statistics.median(seconds) for what, seconds in hops.items()}
    whole = sum(middle.values())
    print("\n| hop of a cold run | median | share |\n|---|---|---|")
    for what, seconds in middle.items():
        print(f"| {what} | {seconds * 1000:.0f} ms | {seconds / whole:.0%} |")


def _moments(podbook: RunningPodbook) -> list[tuple[str, float]]:
    """Run it once; return the ends of its hops, which overlap nowhere but in the runner."""
    began = time.time()
    execution = podbook.post("two_cells")
    answered = time.time()
    attempt = execution["attempts"][-1]
    pod = podbook.pods / attempt["podUID"]
    started = pod / "containers"
    return [
        ("", began),
        ("API: the call is checked and its execution made", _at(execution["createdAt"])),
        ("operator: its pod is made; kubelet: it is seen", (pod / "podbook-pod").stat().st_mtime),
        ("kubelet: the kernel's process", (started / "kernel.json").stat().st_mtime),
        ("kubelet: the runner's process", (started / "runner.json").stat().st_mtime),
        ("runner: imports, while the kernel starts; claim", _at(attempt["claimedAt"])),
        ("the kernel is ready, the folder made", _at(attempt["startedAt"])),
        ("the cells", _at(attempt["finishedAt"])),
        ("artifacts, result, final, the answer", answered),
    ]


def _at(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _print_writes(podbook: RunningPodbook) -> None:
    # Pods that have ended are deleted at once instead of a minute later.
    config = podbook.data / "operator.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "podRetentionSeconds": 0}))
    _run(podbook)
    eventually(
        lambda: not podbook.kubectl("get", "pods", "-o", "name"), "no pod is left", seconds=90
    )
    podbook.cluster_request("DELETE", "/_requests")
    _run(podbook)
    eventually(lambda: not podbook.kubectl("get", "pods", "-o", "name"), "no pod is left")
    counted = podbook.cluster_request("GET", "/_requests")["requests"]
    print("\n| writes of one execution | by | times |\n|---|---|---|")
    total: Counter[str] = Counter()
    for row in counted:
        if row["verb"] in _WRITES and row["resource"] not in _QUESTIONS:
            total[row["userAgent"]] += row["count"]
            print(f"| {row['verb']} {row['resource']} | {row['userAgent']} | {row['count']} |")
    print(f"| all of ours | | {sum(total[agent] for agent in _OURS)} |")


def _run(podbook: RunningPodbook) -> None:
    execution = podbook.post("two_cells")
    assert execution["phase"] == "Succeeded", execution


def papermill(path: Path) -> None:
    """Run the notebook by papermill's own command line."""
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", str(path), f"{path}.out"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def timed(action: Callable[[], None]) -> float:
    """Return how many seconds it takes."""
    began = time.monotonic()
    action()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
