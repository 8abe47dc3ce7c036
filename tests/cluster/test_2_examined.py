"""`podbook doctor` on the real cluster: what is well, and what is wrong once something is away."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from podbook_cli.doctor.findings import Finding
from podbook_cli.doctor.observing.cluster import Access, look
from podbook_cli.doctor.rules import cluster
from rig.ipynb import notebook
from tests.cluster import commands, credentials
from tests.cluster.installation import await_rollout
from tests.cluster.installed import NAMESPACE, RELEASE, RUNS, Installed, kubectl

OPERATOR = f"deployment/{RELEASE}-operator"


def findings() -> dict[str, Finding]:
    """Return what is found of the cluster, by what was looked at: the wrong before the good."""
    seen = asyncio.run(look(Access(credentials.kubeconfig("admin"), None, NAMESPACE)))
    found = sorted(cluster.findings(seen, version="0.1.0"), key=lambda each: each.ok is False)
    return {each.check: each for each in found}


@contextmanager
def _scaled_to(count: int) -> Iterator[None]:
    kubectl("scale", OPERATOR, "--namespace", NAMESPACE, f"--replicas={count}")
    try:
        yield
    finally:
        kubectl("scale", OPERATOR, "--namespace", NAMESPACE, "--replicas=1")
        await_rollout(RELEASE, namespace=NAMESPACE)


def test_a_release_that_works_has_nothing_wrong(podbook: Installed) -> None:
    podbook.put("looked-after", notebook("1"))

    found = findings()

    # Suites before this one leave a notebook that rightly has no kernel.
    assert [each for each in found.values() if not each.ok and each.check != "kernels"] == []
    checks = {"cluster", "clock", "definitions", "rights", "api", "operator", "leader", "kernels"}
    assert checks <= found.keys()


def test_an_operator_that_is_away_and_a_run_without_a_node_are_found(podbook: Installed) -> None:
    huge = {"resources": {"requests": {"memory": "900Gi"}}}
    podbook.put("unplaceable", notebook("1"), runtime=huge)
    asked = podbook.http.post("/v1/notebooks/unplaceable/executions", json={}).json()["id"]
    try:
        commands.until(lambda: "nodes" in findings(), "a pod has no node", seconds=90)
        assert "Unschedulable" in findings()["nodes"].says
        with _scaled_to(0):
            found = findings()
            assert "scaled to 0" in found["operator"].says
            commands.until(
                lambda: findings()["leader"].ok is False, "the Lease is nobody's", seconds=90
            )
    finally:
        podbook.http.delete(f"/v1/executions/{asked}")


def test_what_only_an_event_tells_of_a_run_s_pod_is_found(podbook: Installed) -> None:
    volume = {"name": "keys", "mountPath": "/keys", "secret": {"secretName": "no-such-keys"}}
    podbook.put("without-keys", notebook("1"), runtime={"volumes": [volume]})
    asked = podbook.http.post("/v1/notebooks/without-keys/executions", json={}).json()["id"]
    try:
        commands.until(lambda: "no-such-keys" in _says("pods"), "its volume is named", seconds=90)
        assert "FailedMount" in _says("pods")
    finally:
        podbook.http.delete(f"/v1/executions/{asked}")


def _says(check: str) -> str:
    found = findings().get(check)
    return found.says if found else ""


def test_what_kubectl_makes_says_by_whom(podbook: Installed) -> None:
    podbook.put("made-by-hand", notebook("1"))
    who = f"system:serviceaccount:{RUNS}:by-hand"
    kubectl("create", "serviceaccount", "by-hand", "-n", RUNS)
    role = ("create", "rolebinding", "by-hand", "-n", RUNS, "--clusterrole=edit")
    kubectl(*role, f"--serviceaccount={RUNS}:by-hand")
    execution = (
        "apiVersion: podbook.dev/v1alpha1\nkind: NotebookExecution\n"
        "metadata: {name: NAME}\nspec: {notebook: {name: made-by-hand}}\n"
    )

    kubectl("create", "-n", RUNS, "--as", who, "-f", "-", stdin=execution.replace("NAME", "by-a"))

    shown = podbook.http.get("/v1/executions/by-a", params={"wait": 60}).json()
    assert shown["createdBy"] == who
    forged = execution.replace("NAME", "by-b").replace(
        "{name: by-b}", '{name: by-b, annotations: {podbook.dev/created-by: "root"}}'
    )
    with pytest.raises(commands.CommandFailed, match="written by Podbook's API alone"):
        kubectl("create", "-n", RUNS, "--as", who, "-f", "-", stdin=forged)
