"""A pod that waits is given away amid faults: cells run once, and nothing is left over."""

import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from podbook_crds import names
from podbook_crds.resources.notebook import Notebook
from podbook_operator.config import OperatorConfig
from podbook_operator.warm.manifest import usual_manifest, usual_terms
from podbook_operator.warm.manifest import waiting as as_waiting
from rig.embedded import EmbeddedCluster
from rig.fake_node import FakeNode
from rig.operators import (
    CONFIG,
    Object,
    add_notebook,
    execution,
    operating,
    pods,
    submit,
    until_final,
    until_reason,
)
from rig.until import until
from tests.support.crashing import SITE, Crashed, operate

OPERATOR = "podbook-operator"
# The write by which a pod is given: no other of the operator's changes a pod.
GIVING = {"method": "PATCH", "path": "/pods/nbx-warm-", "user_agent": OPERATOR}
_NOTEBOOKS = f"/apis/{names.API_VERSION}/namespaces/default/{names.NOTEBOOK_PLURAL}"


@pytest.fixture
async def kept(cluster: EmbeddedCluster, node: FakeNode) -> AsyncIterator[str]:
    """A notebook for which one pod waits."""
    name = "hangs-kept"
    add_notebook(cluster, name, warm={"min": 1, "max": 1})
    node.released.set()
    yield name
    remove(cluster, name)


def remove(cluster: EmbeddedCluster, name: str) -> None:
    cluster.request("DELETE", f"{_NOTEBOOKS}/{name}")


def waiting(cluster: EmbeddedCluster, *, besides: str = "") -> list[Object]:
    """Return the pods that are prepared for a call."""
    found = []
    for pod in pods(cluster):
        conditions = pod["status"].get("conditions", [])
        is_prepared = any(c["type"] == names.PREPARED_CONDITION for c in conditions)
        is_idle = pod["metadata"]["labels"].get(names.WARM_LABEL) == names.WARM_IDLE
        is_going = "deletionTimestamp" in pod["metadata"] or pod["metadata"]["uid"] == besides
        found += [pod] if is_idle and is_prepared and not is_going else []
    return found


async def one_waits(cluster: EmbeddedCluster, *, besides: str = "") -> Object:
    found: list[Object] = await until(lambda: waiting(cluster, besides=besides), what="a pod waits")
    return found[0]


async def nothing_is_left_but_one_that_waits(cluster: EmbeddedCluster) -> None:
    await until(
        lambda: len(waiting(cluster)) == len(pods(cluster)) == 1, what="one pod, which waits"
    )


def claimed(status: Object) -> list[Object]:
    return [attempt for attempt in status["attempts"] if attempt.get("claimedAt")]


FAULTS: dict[str, dict[str, Any]] = {
    "the answer was lost": {"kind": "lose-answer"},
    "it never arrived": {"kind": "status", "code": 503},
    "it came late": {"kind": "delay", "seconds": 0.3},
    "somebody changed it": {"kind": "status", "code": 409},
    "the pod had gone": {"kind": "status", "code": 404},
    "a test of it failed": {"kind": "status", "code": 422},
    "the right was taken away": {"kind": "status", "code": 403},
}


async def test_whatever_is_answered_when_a_pod_is_given_a_call_runs_once(
    cluster: EmbeddedCluster, node: FakeNode, kept: str
) -> None:
    with operating(cluster, config=CONFIG):
        for number, (what, fault) in enumerate(FAULTS.items()):
            pod = await one_waits(cluster)
            cluster.fault(**fault, **GIVING, times=1)
            submit(cluster, f"answer-{number}", notebook=kept)

            status = await until_final(cluster, f"answer-{number}")

            assert (status["phase"], node.ran[f"answer-{number}"]) == ("Succeeded", 1), what
            (attempt,) = status["attempts"]
            if fault["kind"] != "status" or fault["code"] == 503:
                assert attempt["podUID"] == pod["metadata"]["uid"], what
            await nothing_is_left_but_one_that_waits(cluster)


async def test_a_pod_is_given_once_wherever_the_operator_was_killed(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    add_notebook(cluster, "completes-kept", warm={"max": 1})
    await _called(cluster, "undisturbed")
    writes = await operate(cluster)
    for number in range(1, writes + 1):
        for before in (True, False):
            name = f"killed-{number}-{before}".lower()
            uid = await _called(cluster, name)
            with suppress(Crashed):
                await operate(cluster, crash_at=number, before=before)
            await operate(cluster)

            status = execution(cluster, name)["status"]
            assert (status["phase"], node.ran[name]) == ("Succeeded", 1), name
            assert [a["podUID"] for a in status["attempts"]] == [uid], name
    remove(cluster, "completes-kept")


async def _called(cluster: EmbeddedCluster, name: str) -> str:
    """Call the notebook while a pod waits for it; return the pod's uid."""
    path = f"{_NOTEBOOKS}/completes-kept"
    notebook = Notebook.from_resource(cluster.request("GET", path)[1])
    config = OperatorConfig.model_validate(CONFIG)
    manifest = usual_manifest(notebook, usual_terms(notebook, config), SITE, config)
    assert notebook.spec.warm
    body = as_waiting(manifest, notebook, notebook.spec.warm, name=f"nbx-warm-{name}")
    status, pod = cluster.request("POST", "/api/v1/namespaces/default/pods", body)
    assert status == 201, pod
    await one_waits(cluster)
    submit(cluster, name, notebook="completes-kept")
    return str(pod["metadata"]["uid"])


@pytest.mark.parametrize("seconds", [0.2, 4.0], ids=["it came before", "it came after"])
async def test_an_operator_that_is_stopped_amid_the_hand_over_gives_nothing_twice(
    cluster: EmbeddedCluster, node: FakeNode, kept: str, seconds: float
) -> None:
    """What the first one wrote arrives before the second one looks, or after that has given it."""
    with operating(cluster, config=CONFIG) as first:
        await one_waits(cluster)
        cluster.clear_counts()
        cluster.fault(kind="delay", seconds=seconds, **GIVING, times=1)
        submit(cluster, "stopped", notebook=kept)
        await until(lambda: _asked(cluster, "PATCH", "pods"), what="it gives the pod")
        first.process.send_signal(signal.SIGSTOP)
        with operating(cluster) as second:
            status = await until_final(cluster, "stopped")
            first.process.send_signal(signal.SIGCONT)
            submit(cluster, "after", notebook=kept)
            await until_final(cluster, "after")
            second.kill()
        await nothing_is_left_but_one_that_waits(cluster)

    assert (status["phase"], len(claimed(status))) == ("Succeeded", 1)
    assert (node.ran["stopped"], node.ran["after"]) == (1, 1)


async def test_a_notebook_that_is_deleted_at_the_hand_over_leaves_nothing_behind(
    cluster: EmbeddedCluster, node: FakeNode, kept: str
) -> None:
    with operating(cluster, config=CONFIG):
        await one_waits(cluster)
        cluster.clear_counts()
        cluster.fault(kind="delay", seconds=0.3, **GIVING, times=1)
        submit(cluster, "orphan", notebook=kept)
        await until(lambda: _asked(cluster, "PATCH", "pods"), what="it gives the pod")
        remove(cluster, kept)

        await until_final(cluster, "orphan")
        await until(lambda: not pods(cluster), what="no pod is left")

    assert node.ran["orphan"] <= 1


async def test_one_that_is_evicted_between_giving_and_claim_costs_no_retry(
    cluster: EmbeddedCluster, node: FakeNode, kept: str
) -> None:
    node.claims.clear()
    with operating(cluster, config=CONFIG):
        pod = await one_waits(cluster)
        submit(cluster, "evicted", notebook=kept, retryLimit=0)
        await until(lambda: not waiting(cluster), what="it is given")
        cluster.request(
            "DELETE",
            f"/api/v1/namespaces/default/pods/{pod['metadata']['name']}?gracePeriodSeconds=0",
        )
        node.claims.set()
        status = await until_final(cluster, "evicted")

    assert (status["phase"], node.ran["evicted"]) == ("Succeeded", 1)
    assert [a.get("warm", False) for a in status["attempts"]] == [True, False]


async def test_runs_go_on_and_waiting_pods_are_made_anew_when_the_operator_is_upgraded(
    cluster: EmbeddedCluster, node: FakeNode, kept: str
) -> None:
    node.released.clear()
    with operating(cluster, config=CONFIG):
        given = await one_waits(cluster)
        submit(cluster, "upgraded", notebook=kept)
        await until_reason(cluster, "upgraded", "CellsRunning")
        old = await one_waits(cluster, besides=given["metadata"]["uid"])
    with operating(cluster, PODBOOK_RUNNER_IMAGE="runner:next"):
        new = await one_waits(cluster, besides=old["metadata"]["uid"])
        images = {c["name"]: c["image"] for c in new["spec"]["containers"]}
        assert images[names.RUNNER_CONTAINER] == "runner:next"
        assert execution(cluster, "upgraded")["status"]["reason"] == "CellsRunning"
        node.released.set()
        status = await until_final(cluster, "upgraded")
        await nothing_is_left_but_one_that_waits(cluster)

    (attempt,) = status["attempts"]
    assert (status["phase"], attempt["podUID"]) == ("Succeeded", given["metadata"]["uid"])
    assert node.ran["upgraded"] == 1


def _asked(cluster: EmbeddedCluster, verb: str, resource: str) -> bool:
    return any(
        (count["verb"], count["resource"]) == (verb, resource)
        and count["userAgent"].startswith(OPERATOR)
        for count in cluster.counts()
    )
