"""What the whole way costs: POST to final beside `papermill in out`, and writes to the API server.

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
from pathlib import Path

from rig.ipynb import notebook
from rig.running import RunningPodbook, running
from rig.until import eventually

_PAIRS = 20
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
