"""kubectl and the pods that the kubelet of the same process runs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from rig import embedded
from tests.support.kubectl import Kubectl


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    folder = tmp_path_factory.mktemp("pods")
    with embedded.running(folder / "data") as cluster:
        yield Kubectl(cluster.kubeconfig, folder)


def _a_pod(name: str, script: str, **spec: Any) -> str:
    container = {"name": "main", "image": "any", "command": ["sh", "-c", script]}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": {"restartPolicy": "Never", "containers": [container], **spec},
        }
    )


def test_a_pod_runs_and_its_log_is_read(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", stdin=_a_pod("prints", "echo one; echo two; echo three"))
    kubectl("wait", "pod/prints", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=120s")

    assert kubectl("logs", "prints") == "one\ntwo\nthree\n"
    assert kubectl("logs", "prints", "--tail=1") == "three\n"
    assert kubectl("logs", "prints", "--limit-bytes=3") == "one"
    assert kubectl("get", "pod", "prints").splitlines()[1].split()[:3] == [
        "prints",
        "0/1",
        "Completed",
    ]


def test_a_log_is_followed_to_its_end(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", stdin=_a_pod("waits", "echo begin; sleep 0.5; echo end; exit 3"))

    # Before the container has started there is nothing to follow yet.
    kubectl("wait", "pod/waits", "--for=jsonpath={.status.startTime}", "--timeout=120s")
    assert kubectl("logs", "-f", "waits") == "begin\nend\n"


def test_a_log_of_one_container_of_several(kubectl: Kubectl) -> None:
    containers = [
        {"name": name, "image": "any", "command": ["echo", name]} for name in ("first", "second")
    ]
    kubectl("create", "-f", "-", stdin=_a_pod("two", "", containers=containers))
    kubectl("wait", "pod/two", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=120s")

    assert kubectl("logs", "two", "-c", "second") == "second\n"
    assert (
        "container third is not valid for pod two"
        in kubectl.run("logs", "two", "-c", "third").stderr
    )


def test_the_last_lines_are_those_that_line_breaks_end(kubectl: Kubectl) -> None:
    """A bar of progress overwrites itself: it is one line."""
    script = r"printf 'one\n10%%\r20%%\r30%%\nlast'"
    kubectl("create", "-f", "-", stdin=_a_pod("bars", script))
    kubectl("wait", "pod/bars", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=120s")

    # Python reads what kubectl prints with all of them as line breaks.
    assert kubectl("logs", "bars", "--tail=2") == "10%\n20%\n30%\nlast"
    assert kubectl("logs", "bars", "--tail=0") == ""


def test_what_a_log_does_not_hold_is_said(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", stdin=_a_pod("timeless", "echo one"))
    kubectl("wait", "pod/timeless", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=120s")

    for option in ("--timestamps", "--since=1h", "--since-time=2026-01-02T03:04:05Z"):
        dated = kubectl.run("logs", "timeless", option)
        assert dated.stdout == "one\n"
        assert "keeps logs as they were written, without times" in dated.stderr
    earlier = kubectl.run("logs", "timeless", "--previous")
    assert earlier.returncode != 0
    assert 'previous terminated container "main" in pod "timeless" not found' in earlier.stderr


def test_a_pod_that_could_not_run_says_why_it_has_no_log(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", stdin=_a_pod("refused", "true", restartPolicy="Always"))
    kubectl("wait", "pod/refused", "--for=jsonpath={.status.phase}=Failed", "--timeout=120s")

    asked = kubectl.run("logs", "refused")

    assert asked.returncode != 0
    assert "restartPolicy Always is not supported" in asked.stderr


def test_a_running_pod_is_deleted_with_grace(kubectl: Kubectl) -> None:
    script = "trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 0.1; done"
    kubectl("create", "-f", "-", stdin=_a_pod("long", script))
    kubectl("wait", "pod/long", "--for=condition=Ready", "--timeout=120s")
    following = kubectl.start("logs", "-f", "long")
    assert following.stdout is not None
    assert following.stdout.readline() == "ready\n"

    kubectl("delete", "pod", "long", "--timeout=120s")

    assert following.stdout.readline() == "asked\n"
    assert following.wait(120) == 0
    following.stdout.close()
    assert kubectl.run("get", "pod", "long").returncode != 0


def test_a_pod_goes_with_its_namespace(kubectl: Kubectl) -> None:
    kubectl("create", "namespace", "short")
    kubectl("create", "-n", "short", "-f", "-", stdin=_a_pod("a", "sleep 60"))
    kubectl("wait", "-n", "short", "pod/a", "--for=condition=Ready", "--timeout=120s")

    kubectl("delete", "namespace", "short", "--timeout=120s")

    assert kubectl.run("get", "namespace", "short").returncode != 0
