"""Requests to the Kubernetes API by each party: for an execution, and for a Job beside it.

Part of `make bench-cluster`. Both on a real node, in the same two cells, one after the other, from
their creation until they and their pods are deleted again, as the audit log has it.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

from bench.cluster import papermill_job

from rig.ipynb import notebook
from rig.kube_client import Kube, connect, unique
from tests.cluster import audit, commands, images, place
from tests.cluster.installation import installation
from tests.cluster.installed import RUNS, Installed, kubectl

_RUNS_MEASURED = 5
_KEPT_SECONDS = 5
# Who creates the Jobs, and waits for them by many a read.
_CALLER = "admin"

Counts = dict[str, Counter[str]]


def main() -> None:
    """Print a table for each."""
    with installation() as podbook, connect(place.KUBECONFIG, namespace=RUNS) as kube:
        kept = {"ttlSecondsAfterFinished": _KEPT_SECONDS}
        podbook.put("two-cells", notebook("x = 1", "print(x)"), defaults=kept)
        kube.request("POST", kube.path("configmaps"), papermill_job.CONFIG_MAP)
        sides = {
            "execution": partial(_execution, podbook),
            "Job with papermill": partial(_job, kube),
        }
        for name, run in sides.items():
            run()  # What only a first one asks for.
            _print(name, _counted(run))


def _counted(run: Callable[[], None]) -> Counts:
    _await_end()
    before = len(audit.lines())
    for _ in range(_RUNS_MEASURED):
        run()
    _await_end()
    lines = audit.lines()[before:]
    written = list(filter(audit.is_write, lines))
    reads = filter(audit.is_read, lines)
    return {
        "writes": _by_party(line for line in written if not audit.is_event(line)),
        "events": _by_party(filter(audit.is_event, written)),
        "reads": _by_party(line for line in reads if audit.party(line) != _CALLER),
        "tokens": _by_party(filter(audit.is_token, lines)),
    }


def _by_party(lines: Iterable[audit.Line]) -> Counter[str]:
    return Counter(map(audit.party, lines))


def _execution(podbook: Installed) -> None:
    done = podbook.post("two-cells")
    assert done["phase"] == "Succeeded", done


def _job(kube: Kube) -> None:
    body = papermill_job.job({"name": unique("bench")}, image=images.name("runner"))
    body["spec"]["ttlSecondsAfterFinished"] = _KEPT_SECONDS
    kube.create(kube.path("jobs", group="batch"), body)
    name = body["metadata"]["name"]
    kubectl("wait", f"job/{name}", "-n", RUNS, "--for=condition=Complete", "--timeout=120s")


def _await_end() -> None:
    def nothing_left() -> bool:
        return kubectl("get", "nbx,jobs,pods", "-n", RUNS, "-oname") == ""

    commands.until(nothing_left, "all of it deleted", seconds=180)


def _print(name: str, counts: Counts) -> None:
    parties = sorted(set().union(*counts.values()))
    print(f"\n| {name}, by | {' | '.join(counts)} |\n|---|{'---|' * len(counts)}")
    for party in parties:
        told = (f"{counted[party] / _RUNS_MEASURED:.1f}" for counted in counts.values())
        print(f"| {party} | {' | '.join(told)} |")
    sums = (f"{counted.total() / _RUNS_MEASURED:.1f}" for counted in counts.values())
    print(f"| **all** | {' | '.join(sums)} |")


if __name__ == "__main__":
    main()
