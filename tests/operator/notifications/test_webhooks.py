"""Whoever asked for it is told of the end: signed, at least once, and not again."""

import base64
import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook

from rig.embedded import EmbeddedCluster
from rig.fake_node import FakeNode
from rig.operators import (
    CONFIG,
    Object,
    Operator,
    configure,
    execution,
    executions,
    free_port,
    operating,
    submit,
    until_final,
)
from rig.until import until
from tests.support.receiver import Receiver

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes at least").decode()
WEBHOOKS = {"allowPrivateAddresses": True, "retryBackoffSeconds": 0.05, "windowSeconds": 3600}
PORT = free_port()
SECRETS = "/api/v1/namespaces/default/secrets"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture(scope="module")
def operator(cluster: EmbeddedCluster) -> Iterator[Operator]:
    config = {**CONFIG, "webhooks": WEBHOOKS}
    with operating(cluster, config=config, PODBOOK_OPERATOR_PORT=str(PORT)) as operator:
        yield operator


def webhook_to(url: str, secret: str = "signing") -> Object:
    return {"url": url, "secretRef": {"name": secret}}


def add_secret(cluster: EmbeddedCluster, name: str, labels: dict[str, str] | None = None) -> None:
    metadata = {"name": name, "labels": {"podbook.dev/webhook": ""} if labels is None else labels}
    data = {"secret": base64.b64encode(SECRET.encode()).decode()}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
    status, answer = cluster.request("POST", SECRETS, body)
    assert status == 201, answer


@pytest.fixture(autouse=True)
def secret(cluster: EmbeddedCluster) -> Iterator[None]:
    add_secret(cluster, "signing")
    yield
    for name in ("signing", "private", "late"):
        cluster.request("DELETE", f"{SECRETS}/{name}")


async def until_state(cluster: EmbeddedCluster, name: str, state: str) -> Object:
    """Return what the execution's status says of its webhook, once that is in a state."""

    def look() -> Object | None:
        delivery: Object = execution(cluster, name)["status"].get("webhook", {})
        return delivery if delivery.get("state") == state else None

    found: Object = await until(look, what=f"{state} webhook of {name}")
    return found


async def test_the_end_is_told_with_a_signature(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    made = submit(cluster, "run", webhook=webhook_to(receiver.url))

    delivery = await until_state(cluster, "run", "Delivered")
    ((headers, body),) = receiver.taken
    told: Any = Webhook(SECRET).verify(body, headers)
    status = execution(cluster, "run")["status"]
    assert (delivery["attempts"], delivery["responseStatus"]) == (1, 204)
    assert headers["webhook-id"] == f"msg_{made['metadata']['uid']}"
    assert told == {
        "type": "execution.finished",
        "timestamp": status["finishedAt"],
        "data": {
            "id": "run",
            "notebook": "completes",
            "phase": "Succeeded",
            "reason": "NotebookCompleted",
            "url": "/v1/executions/run",
        },
    }


async def test_a_receiver_that_is_down_is_told_later_and_once(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    receiver.answers = [503, 302]
    submit(cluster, "run", webhook=webhook_to(receiver.url))

    delivery = await until_state(cluster, "run", "Delivered")

    assert delivery["attempts"] == len(receiver.taken) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.taken}) == 1
    assert len({body for _, body in receiver.taken}) == 1


async def test_an_end_that_nobody_was_told_of_is_told_after_a_restart(
    cluster: EmbeddedCluster, node: FakeNode, receiver: Receiver
) -> None:
    receiver.answers = [500] * 1000
    config = {**CONFIG, "webhooks": WEBHOOKS}
    with operating(cluster, config=config):
        submit(cluster, "run", webhook=webhook_to(receiver.url))
        await until_state(cluster, "run", "Pending")
    before = execution(cluster, "run")["status"]["webhook"]["attempts"]
    receiver.answers = []

    with operating(cluster, config=config):
        delivery = await until_state(cluster, "run", "Delivered")

    assert delivery["attempts"] > before >= 1


async def test_a_receiver_that_never_answers_well_is_given_up_on(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    await configure(cluster, operator, {**CONFIG, "webhooks": {**WEBHOOKS, "windowSeconds": 0.3}})
    receiver.answers = [500] * 1000
    submit(cluster, "run", webhook=webhook_to(receiver.url))

    delivery = await until_state(cluster, "run", "Failed")
    await configure(cluster, operator, {**CONFIG, "webhooks": WEBHOOKS})

    assert delivery["attempts"] >= 1
    assert delivery["message"].startswith("HTTP status 500")
    assert "nextAttemptAt" not in delivery
    assert execution(cluster, "run")["status"]["phase"] == "Succeeded"


async def test_an_execution_is_kept_until_its_end_was_told(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    receiver.answers = [500] * 5
    submit(cluster, "kept", webhook=webhook_to(receiver.url), ttlSecondsAfterFinished=0)
    submit(cluster, "gone", ttlSecondsAfterFinished=0)

    await until(lambda: not executions(cluster), what="both are gone")

    assert len(receiver.taken) == 6


async def test_an_execution_can_be_deleted_while_its_receiver_is_down(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    receiver.answers = [500] * 1000
    submit(cluster, "run", webhook=webhook_to(receiver.url))
    await until_state(cluster, "run", "Pending")

    path = "/apis/podbook.dev/v1alpha1/namespaces/default/notebookexecutions/run"
    assert cluster.request("DELETE", path)[0] == 200

    assert executions(cluster) == []


async def test_nothing_is_told_before_the_secret_is_there(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    submit(cluster, "run", webhook=webhook_to(receiver.url, "late"))
    delivery = await until_state(cluster, "run", "Pending")
    assert delivery["message"] == "Secret 'late' is not there"
    assert receiver.taken == []

    add_secret(cluster, "late")

    await until_state(cluster, "run", "Delivered")
    assert len(receiver.taken) == 1


async def test_a_secret_that_is_not_meant_for_webhooks_is_not_used(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    add_secret(cluster, "private", labels={})
    submit(cluster, "run", webhook=webhook_to(receiver.url, "private"))

    delivery = await until_state(cluster, "run", "Pending")

    assert delivery["message"] == "Secret 'private' has no label podbook.dev/webhook"
    assert receiver.taken == []


async def test_without_a_secret_nobody_is_told(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    submit(cluster, "run", webhook={"url": receiver.url})

    delivery = await until_state(cluster, "run", "Failed")

    assert delivery["message"] == "spec.webhook.secretRef is missing"
    assert receiver.taken == []


def counted(sample: str) -> float:
    """Return what /metrics says of a sample, 0 where it is not there."""
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{sample} "))


async def test_tries_and_ends_are_counted(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    samples = [
        'podbook_webhook_tries_total{status="503"}',
        'podbook_webhook_tries_total{status="204"}',
        'podbook_webhook_deliveries_total{state="Delivered"}',
    ]
    before = [counted(sample) for sample in samples]
    receiver.answers = [503, 503]
    submit(cluster, "run", webhook=webhook_to(receiver.url))
    await until_state(cluster, "run", "Delivered")

    wanted = [before[0] + 2, before[1] + 1, before[2] + 1]
    await until(lambda: [counted(sample) for sample in samples] == wanted, what="the counts")
    await until(lambda: counted("podbook_webhooks_owed") == 0, what="nobody is owed anything")


async def test_the_secret_is_in_no_status_pod_event_metric_or_log(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    receiver.answers = [500]
    # An end that is told as an event too, and a pod that was made for it.
    submit(cluster, "run", notebook="dies-claimed", webhook=webhook_to(receiver.url))
    await until_state(cluster, "run", "Delivered")
    await until(lambda: "run" in json.dumps(listed(cluster, "events")), what="the event")

    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/metrics", timeout=30) as answer:
        metrics = answer.read().decode()
    for text in (
        json.dumps(execution(cluster, "run")),
        json.dumps(listed(cluster, "pods")),
        json.dumps(listed(cluster, "events")),
        json.dumps(receiver.taken),
        operator.logged(),
        metrics,
    ):
        assert SECRET not in text
        assert SECRET.removeprefix("whsec_") not in text


def listed(cluster: EmbeddedCluster, resource: str) -> list[Object]:
    group = "/apis/events.k8s.io/v1" if resource == "events" else "/api/v1"
    items: list[Object] = cluster.request("GET", f"{group}/namespaces/default/{resource}")[1][
        "items"
    ]
    return items


async def test_this_side_of_the_network_is_not_told_unless_the_configuration_says_so(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    closed = {**WEBHOOKS, "allowPrivateAddresses": False}
    await configure(cluster, operator, {**CONFIG, "webhooks": closed})
    submit(cluster, "run", webhook=webhook_to(receiver.url))
    await until_final(cluster, "run")
    delivery = await until_state(cluster, "run", "Pending")
    assert delivery["message"].startswith("refused: 127.0.0.1 is not a public address")
    assert receiver.taken == []

    await configure(cluster, operator, {**CONFIG, "webhooks": WEBHOOKS})

    await until_state(cluster, "run", "Delivered")
