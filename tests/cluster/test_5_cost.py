"""What a run costs the API server, from its audit log: a plain Job costs 13 writes and 6 events."""

from collections import Counter
from typing import Any

from rig.ipynb import notebook
from tests.cluster import audit, commands
from tests.cluster.installed import RUNS, Installed, get, kubectl

RUNS_MEASURED = 5
OURS = {"podbook-api", "podbook-operator"}


def test_a_run_costs_fewer_writes_than_a_job(podbook: Installed) -> None:
    podbook.put("two-cells", notebook("print('one')", "print('two')"))
    # What a version runs in is kept once, with its first run.
    podbook.post("two-cells")
    commands.until(_no_pods, "earlier pods gone", seconds=180)
    before = len(audit.lines())

    runs = [podbook.post("two-cells")["id"] for _ in range(RUNS_MEASURED)]
    commands.until(_no_pods, "its pods gone", seconds=180)

    written = list(filter(audit.is_write, audit.lines()[before:]))
    about = tuple(f"nbx-{get('nbx', run)['metadata']['uid']}" for run in runs)
    events = [line for line in written if audit.is_event(line) and _is_of(line, about)]
    objects = [line for line in written if not audit.is_event(line)]
    by_party = Counter(map(audit.deed, objects))
    # The execution, the pod, the claim, the end, the pod's deletion.
    ours = [line for line in objects if audit.party(line) in OURS]
    assert len(ours) == 5 * RUNS_MEASURED, by_party
    # The scheduler's binding, and what the kubelet says of two containers: made, running, the
    # kernel ended, both ended, the pod ended. Those that it sees in one look are one write.
    assert len(objects) <= 11 * RUNS_MEASURED, by_party
    # Scheduled; and of each container its image, that it was made, that it started.
    assert len(events) == 7 * RUNS_MEASURED, Counter(map(audit.deed, events))


def _is_of(event: dict[str, Any], pods: tuple[str, ...]) -> bool:
    """An event that is made has no name yet; one that is counted on may be of an earlier pod."""
    name: str = event["objectRef"].get("name", "")
    return event["verb"] == "create" or name.startswith(pods)


def _no_pods() -> bool:
    return kubectl("get", "pods", "-n", RUNS, "-l", "podbook.dev/execution", "-oname") == ""
