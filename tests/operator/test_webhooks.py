"""Whoever asked for it is told of the end: signed, at least once, and not again."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook

from podbook_operator.outbound import Outbound, Unreachable
from tests.support.embedded import EmbeddedCluster
from tests.support.fake_node import FakeNode
from tests.support.operators import (
    CONFIG,
    Object,
    Operator,
    execution,
    operating,
    submit,
    until_final,
)
from tests.support.until import until

SECRET = base64.b64encode(b"a secret of some length").decode()


class Receiver:
    """Takes webhooks; answers what the test says, then 204."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], str]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.taken.append((dict(self.headers), body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name there)
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/told"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture(scope="module")
def operator(cluster: EmbeddedCluster) -> Iterator[Operator]:
    with operating(cluster, config=CONFIG, PODBOOK_KERNEL_HOME="host") as operator:
        yield operator


def add_secret(cluster: EmbeddedCluster, name: str, labels: dict[str, str]) -> None:
    metadata = {"name": name, "labels": labels}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
    data = {"secret": base64.b64encode(SECRET.encode()).decode()}
    status, answer = cluster.request(
        "POST", "/api/v1/namespaces/default/secrets", {**body, "data": data}
    )
    assert status == 201, answer


async def until_told(cluster: EmbeddedCluster, name: str) -> Object:
    def look() -> Object | None:
        conditions = execution(cluster, name)["status"].get("conditions", [])
        return next((c for c in conditions if c["type"] == "WebhookDelivered"), None)

    found: Object = await until(look)
    return found


async def test_the_end_is_told_with_a_signature(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    add_secret(cluster, "signing", {"podbook.dev/webhook": ""})
    webhook = {"url": receiver.url, "secretRef": {"name": "signing"}}
    made = submit(cluster, "run", webhook=webhook)

    assert (await until_told(cluster, "run"))["status"] == "True"
    ((headers, body),) = receiver.taken
    told: Any = Webhook(SECRET).verify(body, headers)
    assert told["type"] == "execution.finished"
    assert told["data"]["uid"] == made["metadata"]["uid"]
    assert (told["data"]["phase"], told["data"]["output"]) == ("Succeeded", {"by": "run"})


async def test_a_receiver_that_is_down_is_told_later_and_once(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    receiver.answers = [503, 302]
    submit(cluster, "run", webhook={"url": receiver.url})

    assert (await until_told(cluster, "run"))["status"] == "True"
    assert len(receiver.taken) == 3
    assert len({json.loads(body)["data"]["uid"] for _, body in receiver.taken}) == 1


async def test_an_end_that_nobody_was_told_of_is_told_after_a_restart(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode, receiver: Receiver
) -> None:
    receiver.answers = [500] * 100
    submit(cluster, "run", webhook={"url": receiver.url})
    await until(lambda: receiver.taken)
    operator.kill()
    receiver.answers = []

    with operating(cluster, PODBOOK_KERNEL_HOME="host"):
        assert (await until_told(cluster, "run"))["status"] == "True"


async def test_a_secret_that_is_not_meant_for_webhooks_is_not_used(
    cluster: EmbeddedCluster, node: FakeNode, receiver: Receiver
) -> None:
    add_secret(cluster, "private", {})
    with operating(cluster, PODBOOK_KERNEL_HOME="host"):
        webhook = {"url": receiver.url, "secretRef": {"name": "private"}}
        submit(cluster, "run", webhook=webhook)
        await until_final(cluster, "run")
        condition = await until_told(cluster, "run")

    assert condition["status"] == "False"
    assert "private" in condition["message"]
    assert receiver.taken == []


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:6443/",
        "http://localhost:6443/",
        "http://[::1]/",
        "file:///etc/passwd",
        "http://0.0.0.0/",
    ],
)
async def test_the_operators_own_surroundings_are_never_asked(url: str) -> None:
    with pytest.raises(Unreachable, match=r"own machine|not an address|no http"):
        await Outbound(allows_loopback=False).post(url, "{}", {})
