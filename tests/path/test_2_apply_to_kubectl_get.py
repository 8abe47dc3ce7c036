"""The same way by kubectl: an execution is a Kubernetes object like any other."""

import json
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rig.ipynb import notebook
from rig.meeting import AnyPodbook, kubectl_binary

GREETING = notebook(
    "from podbook import save_output\nsave_output({'greeting': f'hello {name}'})",
    parameters="name = 'nobody'",
)
CONTRACT = {
    "input": {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
    }
}


def manifest(name: str, **spec: Any) -> str:
    """Return the YAML (JSON is YAML) of an execution."""
    return json.dumps(
        {
            "apiVersion": "podbook.dev/v1alpha1",
            "kind": "NotebookExecution",
            "metadata": {"name": name},
            "spec": spec,
        }
    )


@pytest.fixture(scope="module", autouse=True)
def greeting(podbook: AnyPodbook) -> None:
    podbook.put("greeting", GREETING, CONTRACT)


@pytest.fixture
def watch(podbook: AnyPodbook, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A `kubectl get nbx -w` that prints name and phase of every change."""
    columns = "jsonpath={.metadata.name} {.status.phase}{'\\n'}"
    command = [kubectl_binary(), "get", "nbx", "--watch-only", "-o", columns]
    process = subprocess.Popen(
        command,
        env={"KUBECONFIG": str(podbook.kubeconfig), "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def test_an_applied_execution_runs_and_kubectl_waits_for_its_end(podbook: AnyPodbook) -> None:
    spec = {"notebook": {"name": "greeting"}, "parameters": {"name": "kubectl"}}
    podbook.kubectl("apply", "-f", "-", stdin=manifest("by-hand", **spec))

    waited = podbook.kubectl("wait", "--for=condition=Finished", "nbx/by-hand", "--timeout=90s")

    assert "condition met" in waited
    output = podbook.kubectl("get", "nbx", "by-hand", "-o", "jsonpath={.status.output}")
    assert json.loads(output) == {"greeting": "hello kubectl"}


def test_a_copy_of_what_ended_is_not_run_again(podbook: AnyPodbook) -> None:
    spec = {"notebook": {"name": "greeting"}, "parameters": {"name": "once"}}
    podbook.kubectl("create", "-f", "-", stdin=manifest("once", **spec))
    podbook.kubectl("wait", "--for=condition=Finished", "nbx/once", "--timeout=90s")
    mark = podbook.kubectl("get", "nbx", "once", "-o", "jsonpath={.metadata.uid}")
    marked = r"jsonpath={.metadata.annotations.podbook\.dev/ran-as}"
    podbook.kubectl("wait", f"--for={marked}={mark}", "nbx/once", "--timeout=90s")
    exported = podbook.kubectl("get", "nbx", "once", "-o", "json")
    bare = json.loads(exported)
    for field in ("uid", "resourceVersion", "creationTimestamp", "generation"):
        del bare["metadata"][field]

    for command, given in (("create",), exported), (("apply", "--server-side"), json.dumps(bare)):
        podbook.kubectl("delete", "nbx", "once", "--timeout=60s")
        podbook.kubectl(*command, "-f", "-", stdin=given)
        podbook.kubectl("wait", "--for=condition=Finished", "nbx/once", "--timeout=90s")

        ended = json.loads(podbook.kubectl("get", "nbx", "once", "-o", "json"))["status"]
        assert (ended["phase"], ended["reason"]) == ("Cancelled", "Restored")
        assert not ended.get("attempts")


def test_the_table_tells_phase_and_reason(podbook: AnyPodbook) -> None:
    execution = podbook.post("greeting", {"name": "table"})

    heading, line = podbook.kubectl("get", "nbx", execution["id"]).splitlines()

    assert heading.split() == ["NAME", "NOTEBOOK", "PHASE", "REASON", "AGE"]
    assert line.split()[1:4] == ["greeting", "Succeeded", "NotebookCompleted"]


def test_a_watch_shows_queued_running_succeeded(
    podbook: AnyPodbook, watch: "subprocess.Popen[str]"
) -> None:
    spec = {"notebook": {"name": "greeting"}, "parameters": {"name": "watch"}}
    # Something that the watch shows tells that it is listening.
    _apply_until_seen(podbook, watch, spec)
    podbook.kubectl("apply", "-f", "-", stdin=manifest("watched", **spec))

    phases = []
    for line in watch.stdout or ():
        name, _, phase = line.strip().partition(" ")
        if name == "watched" and phase not in phases:
            phases.append(phase)
        if phases[-1:] == ["Succeeded"]:
            break

    assert phases == ["Queued", "Running", "Succeeded"]


def test_what_was_applied_is_in_the_rest_api_too(podbook: AnyPodbook) -> None:
    spec = {"notebook": {"name": "greeting"}, "parameters": {"name": "both"}}
    podbook.kubectl("apply", "-f", "-", stdin=manifest("both-ways", **spec))

    execution = podbook.finished("both-ways")

    assert execution["notebook"] == "greeting"
    assert execution["output"] == {"greeting": "hello both"}
    assert "notebook.ipynb" in {artifact["name"] for artifact in execution["artifacts"]}


def test_a_notebook_in_the_execution_itself_needs_no_catalog(podbook: AnyPodbook) -> None:
    inline = json.dumps(notebook("from podbook import save_output\nsave_output([1, 2])"))
    podbook.kubectl("apply", "-f", "-", stdin=manifest("inline", notebook={"ipynb": inline}))

    assert podbook.finished("inline")["output"] == [1, 2]


def test_an_execution_is_deleted_like_any_object(podbook: AnyPodbook) -> None:
    execution = podbook.post("greeting", {"name": "gone"})

    podbook.kubectl("delete", "nbx", execution["id"], "--timeout=60s")

    assert "NotFound" in podbook.kubectl("get", "nbx", execution["id"], check=False)


def _apply_until_seen(
    podbook: AnyPodbook, watch: "subprocess.Popen[str]", spec: dict[str, Any]
) -> None:
    """Create executions until the watch shows one: from then on it misses nothing."""
    assert watch.stdout is not None
    for number in range(20):
        podbook.kubectl("apply", "-f", "-", stdin=manifest(f"before-{number}", **spec))
        podbook.finished(f"before-{number}")
        if _has_line(watch):
            return
    raise AssertionError("the watch shows nothing")


def _has_line(watch: "subprocess.Popen[str]") -> bool:
    assert watch.stdout is not None
    ready, _, _ = select.select([watch.stdout], [], [], 0)
    return bool(ready)
