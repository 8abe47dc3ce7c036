"""What a call costs that a pod waited for: beside a cold one, and `papermill in out`.

Run as `python -m bench.warm`. The three alternate, so that a busy machine is busy for all. They run
one notebook of two cells, and one whose import is what many notebooks begin with.
"""

import json
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.path import papermill, timed

from rig.ipynb import notebook
from rig.running import RunningPodbook, running
from rig.until import eventually

_ROUNDS = 10
_WARM_IN_A_ROUND = 2
_CLI, _COLD, _WARM = "`papermill in out`", "cold", "warm"
# By the name of the notebook: what stands above its parameters.
_IMPORTS = {"two cells": "y = 2", "imports pandas": "import pandas"}


_HEADING = "| | | p50 | p95 | fastest | over `papermill` at p50 |\n|---|---|---|---|---|---|"


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder, "notebooks")
        catalog.mkdir()
        for number, above in enumerate(_IMPORTS.values()):
            for kind in (_COLD, _WARM):
                (catalog / f"{kind}-{number}.ipynb").write_text(json.dumps(_marked(above)))
            config = json.dumps({"warm": {"min": 1, "max": 1}})
            (catalog / f"{_WARM}-{number}.config.json").write_text(config)
        with running(catalog, Path(folder, "data")) as podbook:
            print(_HEADING)
            for number, what in enumerate(_IMPORTS):
                _print_rows(what, _measured(podbook, catalog, number))
            _print_memory(podbook)


def _marked(above: str) -> dict[str, Any]:
    made = notebook(above, "print(x)")
    marked = notebook(parameters="x = 1")["cells"][0] | {"id": "parameters"}
    made["cells"].insert(1, marked)
    return made


def _measured(podbook: RunningPodbook, catalog: Path, number: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {_CLI: [], _COLD: [], _WARM: []}
    cold, warm = f"{_COLD}-{number}", f"{_WARM}-{number}"
    for _ in range(_ROUNDS):
        took[_CLI].append(timed(lambda: papermill(catalog / f"{cold}.ipynb")))
        took[_COLD].append(timed(lambda: _run(podbook, cold)))
        for _ in range(_WARM_IN_A_ROUND):
            _some_wait(podbook, warm)
            took[_WARM].append(timed(lambda: _run(podbook, warm)))
    return took


def _print_rows(what: str, took: dict[str, list[float]]) -> None:
    base = statistics.median(took[_CLI])
    for name, seconds in took.items():
        middle, late = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
        shown = f"{middle:.3f} s | {late:.3f} s | {min(seconds):.3f} s"
        print(f"| {what} | {name} | {shown} | {middle / base:.2f} |", flush=True)


def _print_memory(podbook: RunningPodbook) -> None:
    """What a pod holds that waits: the sum of its processes' own, and of what they share."""
    print("\n| a pod that waits | kernel | runner |\n|---|---|---|")
    for number, what in enumerate(_IMPORTS):
        (pod, *_) = _some_wait(podbook, f"{_WARM}-{number}")
        held = [_resident(podbook, pod, container) for container in ("kernel", "runner")]
        print(f"| {what} | {held[0]:.0f} MiB | {held[1]:.0f} MiB |")


def _resident(podbook: RunningPodbook, pod: dict[str, Any], container: str) -> float:
    process = podbook.main_process(pod["metadata"]["uid"], container)
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


def _some_wait(podbook: RunningPodbook, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = eventually(lambda: list(_waiting(podbook, name)), "a pod waits")
    return found


def _waiting(podbook: RunningPodbook, name: str) -> Iterator[dict[str, Any]]:
    selector = f"podbook.dev/warm=idle,podbook.dev/notebook={name}"
    listed = podbook.kubectl("get", "pods", "-l", selector, "-o", "json")
    for pod in json.loads(listed)["items"]:
        conditions = pod["status"].get("conditions", [])
        if any(condition["type"] == "podbook.dev/prepared" for condition in conditions):
            yield pod


def _run(podbook: RunningPodbook, name: str) -> None:
    execution = podbook.post(name, {"x": 2})
    assert execution["phase"] == "Succeeded", execution


if __name__ == "__main__":
    main()
