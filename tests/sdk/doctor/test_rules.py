"""Each thing that can be wrong with an installation is found, named, and has one cure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from podbook_cli.doctor.findings import Finding
from podbook_cli.doctor.observing.clocks import ahead
from podbook_cli.doctor.rules import cluster, laptop, server
from podbook_cli.doctor.seen import (
    SeenCluster,
    SeenDefinition,
    SeenKernel,
    SeenLaptop,
    SeenLease,
    SeenNotebook,
    SeenPart,
    SeenPod,
    SeenQuota,
    SeenServer,
)

VERSION = "1.2.3"
GIB = 1024**3
STORE = {"writable": True, "problem": None, "freeBytes": 50 * GIB, "totalBytes": 100 * GIB}
HEALTH = {"store": STORE, "queue": {"queued": 3, "limit": 5000}}
SERVER = SeenServer(
    "http://x",
    version=VERSION,
    ahead_seconds=0.4,
    health=HEALTH,
    notebooks=(SeenNotebook("fine", ready=True),),
)
PARTS = tuple(
    SeenPart(f"podbook-{component}", component, VERSION, wanted=2, ready=2)
    for component in ("api", "operator")
)
LEASE = SeenLease("podbook-operator", "podbook-operator-1", 2.0, 15)
CLUSTER = SeenCluster(
    "kubeconfig x",
    "podbook",
    "podbook-runs",
    ahead_seconds=-0.4,
    definitions=(SeenDefinition("notebooks.podbook.dev"),),
    parts=PARTS,
    lease=LEASE,
    kernels=(SeenKernel("fine", "python", "python3", ("python",)),),
)
LAPTOP = SeenLaptop("/nb", "/data", is_served=True, free_bytes=50 * GIB)
IDLE = replace(LAPTOP, is_served=False)


def of_server(**seen: Any) -> list[Finding]:
    return [*server.findings(replace(SERVER, **seen), version=VERSION, start="start it")]


def of_cluster(**seen: Any) -> list[Finding]:
    return [*cluster.findings(replace(CLUSTER, **seen), version=VERSION)]


def of_laptop(before: SeenLaptop = LAPTOP, **seen: Any) -> list[Finding]:
    return [*laptop.findings(replace(before, **seen))]


def health(**store: Any) -> dict[str, Any]:
    return {**HEALTH, "store": {**STORE, **store}}


def lease(**fields: Any) -> list[Finding]:
    return of_cluster(lease=replace(LEASE, **fields))


def first_part(**fields: Any) -> list[Finding]:
    return of_cluster(parts=(replace(PARTS[0], **fields), PARTS[1]))


def definition(**fields: Any) -> list[Finding]:
    return of_cluster(definitions=(SeenDefinition("notebooks.podbook.dev", **fields),))


def pod(reason: str) -> list[Finding]:
    return of_cluster(pods=(SeenPod("nbx-1", "train", reason, "the words of who knows"),))


WRONG: dict[str, tuple[Iterable[Finding], str, str, str]] = {
    "no answer": (of_server(error="refused"), "server", "http://x: refused", "start it"),
    "no token": (of_server(error="who", status=401), "server", "who", "PODBOOK_TOKEN"),
    "no right": (of_server(error="no", status=403), "server", "no", "podbook-run"),
    "it starts": (of_server(is_ready=False, says="not listed"), "server", "not listed", "cluster"),
    "another version": (of_server(version="1.0"), "version", "server is 1.0", "podbook==1.0"),
    "a store that refuses": (
        of_server(health=health(writable=False, problem="no bucket")),
        *("store", "no bucket", "credentials"),
    ),
    "a store almost full": (
        of_server(health=health(freeBytes=GIB // 2)),
        *("store", "512.0 MiB free of 100.0 GiB", "larger"),
    ),
    "a full queue": (
        of_server(health={**HEALTH, "queue": {"queued": 9, "limit": 9}}),
        *("queue", "9 executions wait", "--phase queued"),
    ),
    "clocks apart": (of_server(ahead_seconds=-95.0), "clock", "95 s behind", "set-ntp"),
    "a notebook that cannot run": (
        of_server(notebooks=(SeenNotebook("bad", ready=False, problem="no JSON"),)),
        *("notebooks", "bad cannot be run: no JSON", "podbook describe bad"),
    ),
    "a notebook nobody looked at": (
        of_server(notebooks=(SeenNotebook("new", ready=False),)),
        *("notebooks", "not looked at yet", "operator"),
    ),
    "no cluster": (of_cluster(error="timeout"), "cluster", "timeout", "kubectl cluster-info"),
    "cluster's clock": (of_cluster(ahead_seconds=200.0), "clock", "200 s ahead", "set-ntp"),
    "no definition": (definition(is_there=False), "definitions", "is not there", "helm upgrade"),
    "an unserved definition": (
        definition(is_established=False),
        *("definitions", "not established", "describe crd"),
    ),
    "an old definition": (
        definition(lacks=("v1alpha1.spec.warm", "a", "b", "c")),
        *("definitions", "lacks v1alpha1.spec.warm, a, b and 1 more", "helm upgrade"),
    ),
    "a newer definition": (
        definition(has_more=("v1alpha1.spec.next",)),
        *("definitions", "newer than this command line", "--upgrade podbook"),
    ),
    "no policy": (
        of_cluster(lacking_policies=("executions.podbook.dev",)),
        *("definitions", "the policy executions.podbook.dev", "helm upgrade"),
    ),
    "no rights": (
        of_cluster(lacking_rights=("create notebookexecutions",)),
        *("rights", "may not create notebookexecutions in podbook-runs", "create rolebinding"),
    ),
    "no release": (of_cluster(parts=()), "release", "no Deployment of Pod", "--namespace"),
    "no operator": (of_cluster(parts=PARTS[:1]), "operator", "no Deployment", "helm upgrade"),
    "an API that is down": (
        first_part(ready=0, says="CrashLoopBackOff: back-off"),
        *("api", "0 of 2 ready; CrashLoopBackOff", "logs deployment/podbook-api"),
    ),
    "scaled to nothing": (first_part(wanted=0, ready=0), "api", "scaled to 0", "--replicas=1"),
    "an older API": (first_part(version="1.0"), "version", "podbook-api is 1.0", "helm upgrade"),
    "no Lease": (of_cluster(lease=None), "leader", "ever taken", "logs deployment"),
    "a Lease of nobody": (lease(holder=""), "leader", "nobody holds", "logs deployment"),
    "a stale Lease": (lease(age_seconds=60.0), "leader", "renewed it for 60 s", "logs deployment"),
    "no node": (pod("Unschedulable"), "nodes", "train cannot start, Unschedulable", "add a node"),
    "no image": (pod("ImagePullBackOff"), "images", "the words of who knows", "describe pod nbx-1"),
    "no sandbox": (pod("FailedCreatePodSandBox"), "pods", "who knows", "describe pod nbx-1"),
    "a full quota": (
        of_cluster(quotas=(SeenQuota("few", "pods", "10", "10"),)),
        *("quota", "nothing is left of pods in few: 10 of 10", "edit resourcequota few"),
    ),
    "a claim without a volume": (
        of_cluster(unbound_claims=(("podbook-store", "Pending"),)),
        *("store", "podbook-store has no volume: Pending", "describe pvc podbook-store"),
    ),
    "a kernel nobody knows": (
        of_cluster(kernels=(SeenKernel("b", "fortran", "", ()),)),
        *("kernels", "no command is known for 'fortran'", "kernels of operator.config"),
    ),
    "a kernel that is not here": (
        of_cluster(kernels=(SeenKernel("b", "r", "ir", ("R",), is_installed=False),)),
        *("kernels", "b needs R, which this machine has not", "install"),
    ),
    "data of another": (of_laptop(data_error="Permission denied"), "data", "denied", "--data-dir"),
    "a full disk": (of_laptop(free_bytes=GIB // 4), "disk", "256.0 MiB", "podbook delete"),
    "a dead part": (
        of_laptop(ended_parts=(("api", "/data/logs/api.log"),)),
        *("api", "does not run", "tail /data/logs/api.log"),
    ),
    "an operator that hangs": (
        of_laptop(operator_error="the event loop has hung"),
        *("operator", "has hung", "operator.log"),
    ),
    "a port that is taken": (
        of_laptop(IDLE, port_error="127.0.0.1:5050 cannot be used"),
        *("port", "5050", "--port 0"),
    ),
    "no Python": (of_laptop(IDLE, python_error="no ipykernel"), "python", "ipykernel", "--python"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found_and_has_a_cure(name: str) -> None:
    findings, check, says, cure = WRONG[name]
    found = [finding for finding in findings if finding.ok is False]

    assert [finding.check for finding in found] == [check], found
    assert says in found[0].says, found
    assert cure in found[0].cure, found


def test_where_nothing_is_wrong_nothing_is_said_to_be() -> None:
    every = [*of_server(), *of_cluster(), *of_laptop(), *of_laptop(IDLE)]

    assert {finding.ok for finding in every} == {True}
    assert {finding.cure for finding in every} == {""}


def test_what_may_not_be_looked_at_is_no_fault() -> None:
    hidden = ("definitions", "parts", "lease", "pods", "kernels", "quota", "store")
    found = of_cluster(
        unseen=dict.fromkeys(hidden, "forbidden"),
        definitions=(SeenDefinition("notebooks.podbook.dev", is_there=False),),
        parts=(),
        lease=None,
        kernels=(),
    )

    assert {finding.check for finding in found if finding.ok is None} == set(hidden)
    assert all(finding.ok is not False for finding in found)


def test_a_server_of_before_has_no_health_and_is_well() -> None:
    assert all(finding.ok for finding in of_server(health=None))


def test_a_long_list_ends() -> None:
    bad = tuple(SeenNotebook(f"n{count}", ready=False, problem="x") for count in range(25))
    found = of_server(notebooks=bad)

    assert sum(finding.check == "notebooks" for finding in found) == 11
    assert "15 more" in found[-1].says


def test_a_clock_is_compared_with_the_middle_of_the_question() -> None:
    asked = datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC)
    answered = asked + timedelta(seconds=10)

    assert ahead("Sat, 28 Nov 2026 12:00:05 GMT", asked, answered) == 0
    assert ahead("Sat, 28 Nov 2026 12:01:05 GMT", asked, answered) == 60
    assert ahead("some day", asked, answered) is None
    assert ahead(None, asked, answered) is None
