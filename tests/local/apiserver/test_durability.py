"""What was acknowledged is there after a power cut; what can't be used is said plainly."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from rig import embedded
from rig.kube_client import Kube, connect, unique, until
from rig.until import eventually
from rig.widgets import a_widget
from tests.local.apiserver.conftest import WIDGETS


def _options(manifest: Path) -> list[str]:
    return ["--no-kubelet", "--manifest", str(manifest), "--bookmark-seconds", "1"]


def _ended(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Start a cluster that can't start; return how it ended."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "podbook_cluster", "--data-dir", str(folder)),
            *("--no-kubelet", *options),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path, manifest: Path) -> None:
    with embedded.running(tmp_path / "data", _options(manifest)) as cluster:
        acknowledged: list[str] = []
        writers = [
            threading.Thread(target=_write_until_killed, args=(cluster, acknowledged))
            for _ in range(4)
        ]
        for writer in writers:
            writer.start()
        until(lambda: len(acknowledged) >= 200, what="the first writes")
        cluster.kill()
        for writer in writers:
            writer.join(20)
        cluster.restart()

        with connect(cluster.kubeconfig, namespace="default") as kube:
            found = {item["metadata"]["name"] for item in kube.get(WIDGETS).body["items"]}

        assert set(acknowledged) <= found


def _write_until_killed(cluster: embedded.EmbeddedCluster, acknowledged: list[str]) -> None:
    while True:
        name = unique("w")
        try:
            status, _ = cluster.request("POST", WIDGETS, a_widget(name))
        except OSError:
            return
        if status == 201:
            acknowledged.append(name)


def test_a_watch_resumes_across_a_kill(tmp_path: Path, manifest: Path) -> None:
    with embedded.running(tmp_path / "data", _options(manifest)) as cluster:
        with connect(cluster.kubeconfig, namespace="default") as kube:
            first = kube.create(WIDGETS, a_widget("first"))
            kube.create(WIDGETS, a_widget("second"))
            kube.delete(f"{WIDGETS}/second")
        cluster.kill()
        cluster.restart()

        with connect(cluster.kubeconfig, namespace="default") as kube:
            kube.create(WIDGETS, a_widget("third"))
            with kube.watch(WIDGETS, resourceVersion=first.version) as events:
                seen = events.types_until("third")

        assert seen == [("ADDED", "second"), ("DELETED", "second"), ("ADDED", "third")]


def test_tokens_and_the_port_survive_a_restart(tmp_path: Path, manifest: Path) -> None:
    with embedded.running(tmp_path / "data", _options(manifest)) as cluster:
        url, kubeconfig = cluster.url, cluster.kubeconfig.read_text()
        token = _a_token(cluster)
        cluster.stop()
        cluster.restart()

        assert (cluster.url, cluster.kubeconfig.read_text()) == (url, kubeconfig)
        assert cluster.request("GET", "/api", token=token)[0] == 200


def _a_token(cluster: embedded.EmbeddedCluster) -> str:
    accounts = "/api/v1/namespaces/default/serviceaccounts"
    cluster.request("POST", accounts, {"metadata": {"name": "a"}})
    token: str = cluster.request("POST", f"{accounts}/a/token", {})[1]["status"]["token"]
    return token


def test_manifests_are_applied_once(tmp_path: Path, manifest: Path) -> None:
    with embedded.running(tmp_path / "data", _options(manifest)) as cluster:
        before = cluster.request("GET", WIDGETS)[1]["metadata"]["resourceVersion"]
        cluster.stop()
        cluster.restart()

        assert cluster.request("GET", WIDGETS)[1]["metadata"]["resourceVersion"] == before


def test_a_definition_that_was_deleted_is_not_served_again(tmp_path: Path, manifest: Path) -> None:
    with embedded.running(tmp_path / "data", _options(manifest)) as cluster:
        with connect(cluster.kubeconfig, namespace="default") as kube:
            kube.create(WIDGETS, a_widget("a"))
            _delete_definition(kube)
        cluster.stop()
        again = embedded.start(cluster.folder, ["--no-kubelet"])
        try:
            assert again.request("GET", WIDGETS)[0] == 404
        finally:
            again.stop()


def _delete_definition(kube: Kube) -> None:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.test.podbook.dev"
    kube.delete(path)
    eventually(lambda: kube.get(path).status == 404, "the definition is gone")


def test_a_second_process_is_refused_by_the_name_of_the_first(
    tmp_path: Path, manifest: Path
) -> None:
    with embedded.running(tmp_path / "data", _options(manifest)) as cluster:
        second = _ended(cluster.folder)

        assert second.returncode == 74
        assert f"in use by the process with id {cluster.pid}" in second.stderr
        assert "Traceback" not in second.stderr
        assert cluster.request("GET", "/readyz")[0] == 200


def test_a_damaged_file_is_said_plainly(tmp_path: Path, manifest: Path) -> None:
    with embedded.running(tmp_path / "data", _options(manifest)) as cluster:
        cluster.request("POST", WIDGETS, a_widget("a"))
    database = tmp_path / "data" / "cluster.db"
    database.write_bytes(b"this is not a database" * 1000)

    ended = _ended(tmp_path / "data")

    assert ended.returncode == 74
    assert f"{database} is damaged" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_file_of_a_newer_podbook_is_left_alone(tmp_path: Path, manifest: Path) -> None:
    with embedded.running(tmp_path / "data", _options(manifest)):
        pass
    database = tmp_path / "data" / "cluster.db"
    with closing(sqlite3.connect(database)) as connection:
        (written,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute(f"PRAGMA user_version = {written + 1}")
    before = database.read_bytes()

    ended = _ended(tmp_path / "data")

    assert ended.returncode == 74
    assert f"{database} was written by a newer Podbook" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert database.read_bytes() == before


def test_a_full_disk_is_said_plainly_and_loses_nothing(tmp_path: Path, manifest: Path) -> None:
    cluster = embedded.start(tmp_path / "data", _options(manifest))
    cluster.request("POST", WIDGETS, a_widget("kept"))
    cluster.stop()
    database = tmp_path / "data" / "cluster.db"
    pages = _limit_size(database)

    limited = embedded.start(tmp_path / "data", [*_options(manifest), "--page-limit", str(pages)])
    acknowledged, last = _fill(limited)
    code = limited.process.wait(120)
    again = embedded.start(tmp_path / "data", _options(manifest))
    try:
        names = {item["metadata"]["name"] for item in again.request("GET", WIDGETS)[1]["items"]}
    finally:
        again.stop()

    assert code == 74
    assert "the disk is full" in limited.log.read_text()
    assert "the disk is full" in last, "the request that met it is told"
    assert "Traceback" not in limited.log.read_text()
    assert {"kept", *acknowledged} <= names


def _limit_size(database: Path) -> int:
    with sqlite3.connect(database) as connection:
        pages: int = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.close()
    return pages + 20


def _fill(cluster: embedded.EmbeddedCluster) -> tuple[list[str], str]:
    """Write until refused; return what was acknowledged, and the refusal."""
    acknowledged: list[str] = []
    for number in range(1000):
        body = a_widget(f"big{number}", parameters={"x": "x" * 50_000})
        status, answer = cluster.request("POST", WIDGETS, body)
        if status != 201:
            return acknowledged, answer["message"]
        acknowledged.append(f"big{number}")
    raise AssertionError("the disk never became full")


def test_a_folder_that_can_not_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    ended = _ended(tmp_path / "file" / "data")

    assert ended.returncode == 74
    assert "can't be used as data folder" in ended.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("a: [", "can't be read", id="not YAML"),
        pytest.param(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n",
            "Deployment a: this server has no apps/v1 Deployment",
            id="an unknown kind",
        ),
        pytest.param(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A B}\n",
            'ConfigMap A B: ConfigMap "A B" is invalid: metadata.name',
            id="a wrong object",
        ),
    ],
)
def test_a_manifest_that_can_not_be_applied_is_named(tmp_path: Path, text: str, said: str) -> None:
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text(text)

    ended = _ended(tmp_path / "data", "--manifest", str(manifest))

    assert ended.returncode == 78
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_that_is_taken_is_said(tmp_path: Path, manifest: Path) -> None:
    with embedded.running(tmp_path / "first", _options(manifest)) as cluster:
        port = cluster.url.rpartition(":")[2]

        ended = _ended(tmp_path / "second", "--port", port)

        assert ended.returncode == 78
        assert f"port {port} of 127.0.0.1 can't be used" in ended.stderr
