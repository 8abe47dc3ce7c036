"""Other ways to meet it on a cluster: webhooks, gRPC, a look at a notebook before it runs."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

import grpc
import httpx
import pytest
from standardwebhooks import Webhook

from rig.ipynb import notebook, text_of
from tests.cluster import commands
from tests.cluster.installation import CALLER
from tests.cluster.installed import NAMESPACE, RUNS, Installed, get, kubectl, run, token
from tests.cluster.receiver import Receiver, receiving
from tests.support import grpc_client

BASH = {"name": "bash", "display_name": "Bash", "language": "bash"}


@pytest.fixture(scope="module", autouse=True)
def notebooks(podbook: Installed) -> None:
    podbook.put("double", notebook("print(n * 2)", parameters="n = 1"))
    runtime = {"language": "bash"}
    podbook.put("shell", notebook("echo $n", kernelspec=BASH), runtime=runtime)


@pytest.fixture
def secret() -> str:
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_a_caller_is_called_back_and_can_tell_by_whom(
    podbook: Installed, receiver: Receiver, secret: str
) -> None:
    asked = {"parameters": {"n": 2}, "webhook": {"url": receiver.url, "secret": secret}}

    answer = podbook.http.post("/v1/notebooks/double/executions", json=asked)

    assert answer.status_code == 202, answer.text
    name = answer.json()["id"]
    commands.until(lambda: _delivery(name).get("state") == "Delivered", "delivered", seconds=180)
    headers, body = receiver.told[0]
    told = Webhook(secret).verify(body, headers)
    assert told["type"] == "execution.finished"
    assert (told["data"]["id"], told["data"]["phase"]) == (name, "Succeeded")
    shown = podbook.http.get(f"/v1/executions/{name}").json()["webhook"]
    assert (shown["state"], shown["responseStatus"]) == ("Delivered", 204)
    assert secret not in json.dumps(get("nbx", name))


def test_kubectl_s_webhooks_use_no_secret_without_its_owner_s_consent(
    receiver: Receiver, secret: str
) -> None:
    kubectl("create", "secret", "generic", "hook", "-n", RUNS, f"--from-literal=secret={secret}")
    hook = {"url": receiver.url, "secretRef": {"name": "hook"}}
    run("told-nobody", notebook={"name": "double"}, webhook=hook)
    commands.until(lambda: "message" in _delivery("told-nobody"), "it is told why", seconds=180)
    assert "podbook.dev/webhook" in _delivery("told-nobody")["message"]
    assert receiver.told == []

    kubectl("label", "secret", "hook", "-n", RUNS, "podbook.dev/webhook=")
    run("told", notebook={"name": "double"}, webhook=hook)

    commands.until(lambda: _delivery("told").get("state") == "Delivered", "delivered", seconds=180)
    Webhook(secret).verify(receiver.told[0][1], receiver.told[0][0])


@pytest.mark.usefixtures("podbook")
def test_a_call_by_grpc_through_its_service(tmp_path: Path) -> None:
    compiled = grpc_client.compiled(tmp_path)
    request = compiled.messages.NotebookExecutionRequest(
        notebook_id="double", parameters=b'{"n": 21}'
    )
    with grpc.insecure_channel(_grpc_address()) as channel:
        call = compiled.services.WorkerServiceStub(channel).execute_notebook
        with pytest.raises(grpc.RpcError) as refused:
            call(request, timeout=60, wait_for_ready=True)
        identity = [("authorization", f"Bearer {token(CALLER)}")]
        response = call(request, timeout=180, metadata=identity)

    assert refused.value.code() in (
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNAUTHENTICATED,
    )
    assert response.status.code == compiled.messages.OK, response.status.details
    assert "42" in text_of(response.notebook.ipynb)


@pytest.mark.parametrize(
    ("name", "line"), [("double", "n = 7"), ("shell", "n=7")], ids=["python", "another language"]
)
def test_a_notebook_is_shown_before_it_runs(podbook: Installed, name: str, line: str) -> None:
    path = f"/v1/notebooks/{name}/executions"

    answer = podbook.http.post(path, params={"dryRun": True}, json={"parameters": {"n": 7}})

    assert answer.status_code == 200, answer.text
    assert line in text_of(answer.content).splitlines()


@pytest.mark.usefixtures("podbook")
def test_the_api_s_metrics_are_on_a_port_of_their_own() -> None:
    selector = "app.kubernetes.io/component=api"
    found = json.loads(kubectl("get", "pods", "-n", NAMESPACE, "-l", selector, "-ojson"))["items"]
    addresses = [
        pod["status"]["podIP"] for pod in found if "deletionTimestamp" not in pod["metadata"]
    ]

    shown = httpx.get(f"http://{addresses[0]}:8080/metrics", timeout=60, trust_env=False)

    assert "podbook_" in shown.text


def _delivery(name: str) -> dict[str, str]:
    found: dict[str, str] = get("nbx", name)["status"].get("webhook", {})
    return found


def _grpc_address() -> str:
    service = get("service", "podbook", namespace=NAMESPACE)["spec"]
    (port,) = [port["port"] for port in service["ports"] if port["name"] == "grpc"]
    return f"{service['clusterIP']}:{port}"
