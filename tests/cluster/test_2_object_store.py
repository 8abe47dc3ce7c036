"""Artifacts in a bucket: a second release beside the first, two API pods and no volume."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from podbook_api.artifacts.store import Store
from rig.ipynb import notebook, text_of
from tests.cluster import commands, control_plane, installation, installed, place
from tests.cluster.installed import FINAL, helm, kubectl
from tests.support import s3
from tests.support.s3 import Bucket

pytestmark = pytest.mark.usefixtures("podbook")

RELEASE = "podbook-objects"
NAMESPACE = "objects"
RUNS = "objects-runs"
SECRET = "bucket"
LARGE = bytes(range(256)) * 20_000
WRITES = notebook(
    "import os\nos.mkdir('artifacts')\nopen('artifacts/large.bin', 'wb')"
    ".write(bytes(range(256)) * 20_000)",
    "from podbook import save_output\nsave_output(sorted(os.environ))",
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
        *("--values", str(installed.VALUES)),
        *("--set", "crds.install=false", "--set", f"runs.namespace={RUNS}"),
        *("--set", "api.replicas=2", "--set", f"store.url={bucket.url}"),
        *("--set", f"store.credentialsSecret={SECRET}"),
    )
    installation.await_rollout(RELEASE, namespace=NAMESPACE)
    installation.allow("caller", namespace=RUNS)
    headers = {"Authorization": f"Bearer {installed.token('caller', namespace=RUNS)}"}
    url = installed.service_url(RELEASE, namespace=NAMESPACE)
    installation.await_service(url)
    with httpx.Client(base_url=url, headers=headers, timeout=70, trust_env=False) as http:
        yield http
    helm("uninstall", RELEASE, "--namespace", NAMESPACE)


@pytest.fixture(scope="module")
def execution(http: httpx.Client) -> Any:
    """One run that leaves files, when it is final."""
    answer = http.post("/v1/executions", json={"ipynb": json.dumps(WRITES)})
    assert answer.status_code == 202, answer.text

    def view() -> Any:
        return http.get(answer.headers["Location"]).json()

    commands.until(lambda: view()["phase"] in FINAL, "the run final", seconds=180)
    return view()


def test_a_run_ends_as_with_a_volume(execution: Any) -> None:
    assert (execution["phase"], execution["reason"]) == ("Succeeded", "NotebookCompleted")
    listed = {artifact["name"] for artifact in execution["artifacts"]}
    assert {"notebook.ipynb", "output.json", "files/large.bin"} <= listed
    assert kubectl("get", "pvc", "-n", NAMESPACE, "-oname") == ""


def test_every_api_pod_hands_out_the_artifacts(http: httpx.Client, execution: Any) -> None:
    pods = _api_pods()
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


def test_the_bucket_s_key_stays_with_the_api(execution: Any, bucket: Bucket) -> None:
    """Neither in the environment of a cell, nor in a pod of a run, nor in a log."""
    assert [name for name in execution["output"] if name.startswith("AWS_")] == []
    assert bucket.secret not in kubectl("get", "pods", "-n", RUNS, "-ojson")
    for pod in _api_pods():
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


def _api_pods() -> list[Any]:
    selector = "app.kubernetes.io/component=api"
    found: list[Any] = json.loads(
        kubectl("get", "pods", "-n", NAMESPACE, "-l", selector, "-ojson")
    )["items"]
    return found


async def _paths(url: str) -> list[str]:
    return [stored.path async for stored in Store.open(url).under("executions")]
