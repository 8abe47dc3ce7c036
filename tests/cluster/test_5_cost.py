"""What a run costs the API server, from its audit log: a plain Job costs 13 writes and 6 events."""

import json
from collections import Counter
from typing import Any

from tests.cluster import commands, place
from tests.cluster.installed import RUNS, Installed, kubectl
from tests.support.ipynb import notebook

RUNS_MEASURED = 5
WRITES = {"create", "update", "patch", "delete"}


def test_a_run_costs_fewer_writes_than_a_job(podbook: Installed) -> None:
    podbook.put("two-cells", notebook("print('one')", "print('two')"))
    commands.until(_no_pods, "earlier pods gone", seconds=180)
    before = len(_audit())

    for _ in range(RUNS_MEASURED):
        podbook.post("two-cells")
    commands.until(_no_pods, "its pods gone", seconds=180)

    written = [line for line in _audit()[before:] if _is_write(line)]
    events = [line for line in written if line["objectRef"]["resource"] == "events"]
    objects = [line for line in written if line not in events]
    by_party = Counter(_party(line) for line in objects)
    # The execution, the pod, the claim, the end, the pod's deletion.
    ours = [line for line in objects if "podbook-api" in _party(line) or "operator" in _party(line)]
    assert len(ours) == 5 * RUNS_MEASURED, by_party
    # The scheduler's binding, and what the kubelet says of two containers: made, running, the
    # kernel ended, both ended, the pod ended. Those that it sees in one look are one write.
    assert len(objects) <= 11 * RUNS_MEASURED, by_party
    # Scheduled; and of each container its image, that it was made, that it started.
    assert len(events) == 7 * RUNS_MEASURED, Counter(_party(line) for line in events)


def _no_pods() -> bool:
    return kubectl("get", "pods", "-n", RUNS, "-l", "podbook.dev/execution", "-oname") == ""


def _audit() -> list[dict[str, Any]]:
    return [json.loads(line) for line in place.AUDIT_LOG.read_text().splitlines()]


def _is_write(line: dict[str, Any]) -> bool:
    """Whether it writes an object in the runs' namespace; what nobody stores is no write."""
    about = line.get("objectRef", {})
    stored = line.get("responseStatus", {}).get("code", 500) < 300
    return (
        line["verb"] in WRITES
        and about.get("namespace") == RUNS
        and about.get("subresource") != "token"
        and stored
    )


def _party(line: dict[str, Any]) -> str:
    about = line["objectRef"]
    what = "/".join(filter(None, (about["resource"], about.get("subresource"))))
    return f"{line['user'].get('username', '').rpartition(':')[2]} {line['verb']} {what}"
