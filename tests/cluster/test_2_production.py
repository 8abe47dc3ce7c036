"""The chart's values for production: a second release, a bucket, two APIs and two operators."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from podbook_api.artifacts.store import Store
from rig.ipynb import notebook, text_of
from tests.cluster import (
    commands,
    control_plane,
    installation,
    installed,
    place,
    pod_processes,
)
from tests.cluster.installed import FINAL, helm, kubectl
from tests.support import s3
from tests.support.s3 import Bucket

pytestmark = pytest.mark.usefixtures("podbook")

RELEASE = "podbook-production"
NAMESPACE = "production"
RUNS = "production-runs"
PROFILE = installed.CHART / "production.yaml"
SECRET = "bucket"
LARGE = bytes(range(256)) * 20_000
WRITES = notebook(
    "import os\nos.mkdir('artifacts')\nopen('artifacts/large.bin', 'wb')"
    ".write(bytes(range(256)) * 20_000)",
    "from podbook import save_output\nsave_output(sorted(os.environ))",
)
# It goes on when its process is told to.
HELD = notebook(
    "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})\nprint('held')",
    "signal.sigwait({signal.SIGUSR1})",
    "from podbook import save_output\nsave_output('went on')",
)


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """A bucket on the node's address: pods reach nothing else of this machine."""
    with s3.serving(tmp_path_factory.mktemp("s3"), address=place.HOST) as bucket:
        yield bucket


@pytest.fixture(scope="module")
def http(bucket: Bucket) -> Iterator[httpx.Client]:
    """The second release, which shares the first one's definitions."""
    _put_secret(bucket)
    helm(
        *("install", RELEASE, str(installed.CHART), "--namespace", NAMESPACE),
        *("--values", str(installed.VALUES), "--values", str(PROFILE)),
        *("--set", "crds.install=false", "--set", f"runs.namespace={RUNS}"),
        *("--set", f"store.url={bucket.url}", "--set", f"store.credentialsSecret={SECRET}"),
        # This cluster has no Prometheus operator, and its containerd no user namespaces.
        *("--set", "monitoring.podMonitor.enabled=false,monitoring.rules.enabled=false"),
        *("--set", "operator.config.podTemplate=null"),
    )
    installation.await_rollout(RELEASE, namespace=NAMESPACE)
    installation.allow("caller", namespace=RUNS)
    url = installed.service_url(RELEASE, namespace=NAMESPACE)
    installation.await_service(url)
    with installation.client(url, token=installed.token("caller", namespace=RUNS)) as http:
        yield http
    helm("uninstall", RELEASE, "--namespace", NAMESPACE)


@pytest.fixture(scope="module")
def execution(http: httpx.Client) -> Any:
    """One run that leaves files, when it is final."""
    return _ended(http, _started(http, "writes", WRITES))


def test_a_run_ends_as_with_a_volume(execution: Any) -> None:
    assert (execution["phase"], execution["reason"]) == ("Succeeded", "NotebookCompleted")
    listed = {artifact["name"] for artifact in execution["artifacts"]}
    assert {"notebook.ipynb", "output.json", "files/large.bin"} <= listed
    assert kubectl("get", "pvc", "-n", NAMESPACE, "-oname") == ""


def test_every_api_pod_hands_out_the_artifacts(http: httpx.Client, execution: Any) -> None:
    pods = _pods("api")
    assert len(pods) == 2

    for pod in pods:
        at = f"http://{pod['status']['podIP']}:5050/v1/executions/{execution['id']}/artifacts"
        whole = http.get(f"{at}/files/large.bin")
        part = http.get(f"{at}/files/large.bin", headers={"Range": "bytes=5-9"})
        assert whole.content == LARGE
        assert (part.status_code, part.content) == (206, LARGE[5:10])
        assert "save_output" in text_of(http.get(f"{at}/notebook.ipynb").content)


def test_the_bucket_holds_them(
    execution: Any, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)

    paths = asyncio.run(_paths(bucket.url))

    kept = {path.split("/", 2)[2] for path in paths}
    assert {"notebook.ipynb", "execution.json", "files/large.bin"} <= kept
    assert execution["output"]


def test_what_is_not_in_the_catalog_does_not_run(http: httpx.Client) -> None:
    answer = http.post("/v1/executions", json={"ipynb": json.dumps(WRITES)})

    assert answer.status_code == 403
    assert "inline" in answer.text


def test_a_run_outlives_the_operator_and_an_api_that_are_killed(http: httpx.Client) -> None:
    where = _started(http, "held", HELD)
    commands.until(lambda: "held" in _shown(http, where), "the cell's print seen", seconds=180)

    for pod in (_leader(), _pods("api")[0]["metadata"]["name"]):
        kubectl("delete", "pod", pod, "-n", NAMESPACE, "--grace-period=0", "--force")
    _let_go_on(http.get(where).json()["id"])

    execution = _ended(http, where)
    assert (execution["phase"], execution["output"]) == ("Succeeded", "went on")
    assert len(execution["attempts"]) == 1
    assert "went on" in text_of(http.get(f"{where}/artifacts/notebook.ipynb").content)
    installation.await_rollout(RELEASE, namespace=NAMESPACE)


def test_the_bucket_s_key_stays_with_the_api(execution: Any, bucket: Bucket) -> None:
    """Neither in the environment of a cell, nor in a pod of a run, nor in a log."""
    assert [name for name in execution["output"] if name.startswith("AWS_")] == []
    assert bucket.secret not in kubectl("get", "pods", "-n", RUNS, "-ojson")
    for pod in _pods("api"):
        assert bucket.secret not in kubectl("logs", pod["metadata"]["name"], "-n", NAMESPACE)


def _put_secret(bucket: Bucket) -> None:
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    control_plane.apply(space)
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": SECRET, "namespace": NAMESPACE},
            "stringData": bucket.environment,
        }
    )


def _started(http: httpx.Client, name: str, document: dict[str, Any]) -> str:
    """Put the notebook into the catalog and run it; return where the execution is."""
    source = {"ipynb": json.dumps(document)}
    installed.apply("Notebook", name, {"source": source}, namespace=RUNS)
    at = f"/v1/notebooks/{name}"
    commands.until(lambda: http.get(at).is_success, f"{name} shown", seconds=60)
    answer = http.post(f"{at}/executions", json={})
    assert answer.status_code == 202, answer.text
    return str(answer.headers["Location"])


def _ended(http: httpx.Client, where: str) -> Any:
    def is_final() -> bool:
        return http.get(where).json()["phase"] in FINAL

    commands.until(is_final, "the run final", seconds=180)
    return http.get(where).json()


def _shown(http: httpx.Client, where: str) -> str:
    return http.get(f"{where}/artifacts/notebook.ipynb").text


def _leader() -> str:
    """Return the pod that holds the Lease; each of its processes adds a word of its own."""
    lease = installed.get("lease", f"{RELEASE}-operator", namespace=NAMESPACE)
    return str(lease["spec"]["holderIdentity"]).rpartition("-")[0]


def _let_go_on(execution: str) -> None:
    (pod,) = installed.pods_of(execution, namespace=RUNS)
    process = pod_processes.main(pod["metadata"]["uid"], "kernel")
    assert process
    os.kill(process, signal.SIGUSR1)


def _pods(part: str) -> list[Any]:
    selector = f"app.kubernetes.io/component={part}"
    found: list[Any] = json.loads(
        kubectl("get", "pods", "-n", NAMESPACE, "-l", selector, "-ojson")
    )["items"]
    return found


async def _paths(url: str) -> list[str]:
    return [stored.path async for stored in Store.open(url).under("executions")]
