"""From creation to the end on a real node: executions, cold and warm, beside a Job and papermill.

Part of `make bench-cluster`; PODBOOK_BENCH_PAIRS=100 measures so many of each. All run the same
two-cell notebook with the same libraries; they alternate, with pauses at random, or every run would
meet the kubelet's once-a-second look in the same place.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from bench.cluster import handed_over, papermill_job
from bench.path import papermill, timed

from rig.kube_client import Kube, connect, unique
from tests.cluster import images, place
from tests.cluster.installation import installation
from tests.cluster.installed import FINAL, RUNS

_PAIRS = int(os.environ.get("PODBOOK_BENCH_PAIRS", "20"))
_JOB: Final = "Job with papermill"


def main() -> None:
    """Print the tables."""
    with (
        installation() as podbook,
        connect(place.KUBECONFIG, namespace=RUNS) as kube,
        tempfile.TemporaryDirectory() as folder,
    ):
        kube.request("POST", kube.path("configmaps"), papermill_job.CONFIG_MAP)
        path = Path(folder, "in.ipynb")
        path.write_text(papermill_job.NOTEBOOK)
        handed_over.keep(podbook)
        measures: dict[str, Callable[[], float]] = {
            "`papermill in out`, no pod": lambda: timed(lambda: papermill(path)),
            _JOB: lambda: _job(kube),
            "execution, cold": lambda: _execution(kube, {"ipynb": papermill_job.NOTEBOOK}),
            "execution, warm": lambda: _warm(kube),
        }
        for measure in measures.values():
            measure()
        rounds = [{name: _after_a_pause(m) for name, m in measures.items()} for _ in range(_PAIRS)]
        _print({name: [one[name] for one in rounds] for name in measures})
        handed_over.measure(kube)


def _print(taken: dict[str, list[float]]) -> None:
    print(f"| {_PAIRS} of each | p50 | p95 | slowest | ratio of p50 |\n|---|---|---|---|---|")
    for name, seconds in taken.items():
        ratio = statistics.median(seconds) / statistics.median(taken[_JOB])
        told = (statistics.median(seconds), _p95(seconds), max(seconds))
        shown = " | ".join(f"{second:.3f} s" for second in told)
        print(f"| {name} | {shown} | {ratio:.2f} |", flush=True)


def _p95(taken: list[float]) -> float:
    """Return what 95 of 100 stay below; of few it is close to the slowest."""
    return statistics.quantiles(taken, n=20, method="inclusive")[-1]


def _after_a_pause(measure: Callable[[], float]) -> float:
    time.sleep(random.uniform(0.2, 2))
    return measure()


def _warm(kube: Kube) -> float:
    handed_over.some_wait(kube, handed_over.ONE)
    return _execution(kube, {"name": handed_over.ONE})


def _execution(kube: Kube, notebook: dict[str, str]) -> float:
    body = handed_over.execution(unique("bench"), notebook)
    return _seconds(kube, handed_over.executions(kube), body, "phase", FINAL)


def _job(kube: Kube) -> float:
    body = papermill_job.job({"name": unique("bench")}, image=images.name("runner"))
    return _seconds(kube, kube.path("jobs", group="batch"), body, "succeeded", (1,))


def _seconds(kube: Kube, path: str, body: Any, field: str, ends: tuple[Any, ...]) -> float:
    """Create it and watch until that field of its status has one of those values."""
    began = time.monotonic()
    made = kube.create(path, body)
    query = {"fieldSelector": f"metadata.name={made.name}", "resourceVersion": made.version}
    with kube.watch(path, **query) as events:
        while True:
            status = events.next(seconds=120)["object"].get("status", {})
            if status.get(field) in ends and (field == "phase" or status.get("completionTime")):
                return time.monotonic() - began


if __name__ == "__main__":
    main()
