"""What a call costs that a pod waited for: beside a cold one, and `papermill in out`.

Run as `python -m bench.warm`. Triples alternate, so that a busy machine is busy for all three; all
run the same notebook, whose imports are what most notebooks begin with.
"""

import json
import statistics
import tempfile
from pathlib import Path

from bench.path import papermill, timed

from rig.ipynb import notebook
from rig.running import RunningPodbook, running
from rig.until import eventually

_TRIPLES = 10
_PLAIN, _WARM = "plain", "warm"


def main() -> None:
    """Print the table."""
    made = notebook("import pandas", "print(pandas.__name__, x)")
    marked = notebook(parameters="x = 1")["cells"][0] | {"id": "parameters"}
    made["cells"].insert(1, marked)
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder, "notebooks")
        catalog.mkdir()
        for name in (_PLAIN, _WARM):
            (catalog / f"{name}.ipynb").write_text(json.dumps(made))
        (catalog / f"{_WARM}.config.json").write_text(json.dumps({"warm": {"min": 1, "max": 1}}))
        with running(catalog, Path(folder, "data")) as podbook:
            _print_triples(podbook, catalog / f"{_PLAIN}.ipynb")


def _print_triples(podbook: RunningPodbook, path: Path) -> None:
    took: dict[str, list[float]] = {"`papermill in out`": [], "cold": [], "warm": []}
    for _ in range(_TRIPLES):
        took["`papermill in out`"].append(timed(lambda: papermill(path)))
        took["cold"].append(timed(lambda: _run(podbook, _PLAIN)))
        eventually(lambda: _waits(podbook), "a pod waits")
        took["warm"].append(timed(lambda: _run(podbook, _WARM)))
    base = statistics.median(took["`papermill in out`"])
    print("| imports pandas | median | fastest | slowest | ratio of medians |")
    print("|---|---|---|---|---|")
    for name, seconds in took.items():
        middle = statistics.median(seconds)
        ends = f"{min(seconds):.2f} s | {max(seconds):.2f} s"
        print(f"| {name} | {middle:.2f} s | {ends} | {middle / base:.2f} |")


def _waits(podbook: RunningPodbook) -> bool:
    listed = podbook.kubectl("get", "pods", "-l", "podbook.dev/warm=idle", "-o", "json")
    return any(
        condition["type"] == "podbook.dev/prepared"
        for pod in json.loads(listed)["items"]
        for condition in pod["status"].get("conditions", [])
    )


def _run(podbook: RunningPodbook, name: str) -> None:
    execution = podbook.post(name)
    assert execution["phase"] == "Succeeded", execution


if __name__ == "__main__":
    main()
