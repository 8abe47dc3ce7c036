"""From creation to the end on a real node: an execution beside a Job that runs papermill.

Part of `make bench-cluster`; PODBOOK_BENCH_PAIRS=100 measures so many of each. Both run the same
two-cell notebook in images with the same libraries; they alternate, with pauses at random, or every
run would meet the kubelet's once-a-second look in the same place.
"""

import os
import random
import statistics
import time
from typing import Any

from bench.cluster import papermill_job

from podbook_crds.names import API_VERSION
from rig.kube_client import Kube, connect, unique
from tests.cluster import images, place
from tests.cluster.installation import installation
from tests.cluster.installed import FINAL, RUNS

_PAIRS = int(os.environ.get("PODBOOK_BENCH_PAIRS", "20"))
_GROUP, _, _VERSION = API_VERSION.partition("/")


def main() -> None:
    """Print the table."""
    with installation(), connect(place.KUBECONFIG, namespace=RUNS) as kube:
        kube.request("POST", kube.path("configmaps"), papermill_job.CONFIG_MAP)
        _execution(kube)
        _job(kube)
        pairs = [_pair(kube) for _ in range(_PAIRS)]
    executions, jobs = ([pair[side] for pair in pairs] for side in (0, 1))
    print(f"| {_PAIRS} of each | p50 | p95 | slowest | ratio of p50 |\n|---|---|---|---|---|")
    for name, taken in (("Job with papermill", jobs), ("execution", executions)):
        ratio = statistics.median(taken) / statistics.median(jobs)
        told = (statistics.median(taken), _p95(taken), max(taken))
        print(f"| {name} | {' | '.join(f'{seconds:.2f} s' for seconds in told)} | {ratio:.2f} |")


def _p95(taken: list[float]) -> float:
    """Return what 95 of 100 stay below; of few it is close to the slowest."""
    return statistics.quantiles(taken, n=20, method="inclusive")[-1]


def _pair(kube: Kube) -> tuple[float, float]:
    time.sleep(random.uniform(0.2, 2))
    execution = _execution(kube)
    time.sleep(random.uniform(0.2, 2))
    return execution, _job(kube)


def _execution(kube: Kube) -> float:
    body = {
        "apiVersion": API_VERSION,
        "kind": "NotebookExecution",
        "metadata": {"name": unique("bench")},
        "spec": {"notebook": {"ipynb": papermill_job.NOTEBOOK}},
    }
    path = kube.path("notebookexecutions", group=_GROUP, version=_VERSION)
    return _seconds(kube, path, body, "phase", FINAL)


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
