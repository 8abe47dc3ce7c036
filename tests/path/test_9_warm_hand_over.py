"""A pod that waited is given to a call, and right then something is killed.

Held at two moments: given and not claimed, because the API stands still; claimed and no cell has
run, because the kernel does. Cells run at most once, and what was not claimed yet costs the call
nothing.
"""

import json
import os
import signal
from collections.abc import Iterator
from typing import Any, Final

import pytest

from rig.ipynb import notebook
from rig.meeting import AnyPodbook, frozen
from rig.until import ON_A_NODE, eventually

ID: Final = "handed-over"
CONFIG: Final = {"warm": {"min": 1, "max": 1}}
BEGINS: Final = "with open(folder + '/started', 'a') as file:\n    file.write('x')"
CONTAINERS: Final = ("runner", "kernel")
# The embedded cluster is one process: its API server and its kubelet.
NODE: Final = () if ON_A_NODE else ("cluster",)
PREPARED: Final = "podbook.dev/prepared"
WARM: Final = "podbook.dev/warm"


@pytest.fixture(scope="module", autouse=True)
def kept(podbook: AnyPodbook) -> Iterator[None]:
    made = notebook("import json", BEGINS)
    made["cells"].insert(1, notebook(parameters="folder = ''")["cells"][0] | {"id": "parameters"})
    podbook.put(ID, made, CONFIG)
    yield
    one_waits(podbook, alone=True)
    podbook.remove(ID)
    eventually(lambda: not pods(podbook), "no pod of it is left")


def pods(podbook: AnyPodbook) -> list[dict[str, Any]]:
    listed = podbook.kubectl("get", "pods", "-l", f"podbook.dev/notebook={ID}", "-o", "json")
    found: list[dict[str, Any]] = json.loads(listed)["items"]
    return found


def one_waits(podbook: AnyPodbook, *, alone: bool = False) -> dict[str, Any]:
    def waiting() -> dict[str, Any] | None:
        found = pods(podbook)
        idle = [pod for pod in found if is_waiting(pod)]
        return idle[0] if idle and (len(found) == 1 or not alone) else None

    return eventually(waiting, "a pod waits, and no other is left" if alone else "a pod waits")


def is_waiting(pod: dict[str, Any]) -> bool:
    said = {c["type"]: c["status"] for c in pod["status"].get("conditions", [])}
    metadata = pod["metadata"]
    is_idle = metadata["labels"].get(WARM) == "idle"
    return is_idle and said.get(PREPARED) == "True" and "deletionTimestamp" not in metadata


def call(podbook: AnyPodbook, name: str) -> str:
    """Call the notebook past the API, which may stand still; return where its cells begin."""
    folder = str(podbook.shared_folder(name))
    spec = {"notebook": {"name": ID}, "parameters": {"folder": folder}}
    made = {
        "apiVersion": "podbook.dev/v1alpha1",
        "kind": "NotebookExecution",
        "metadata": {"name": name},
        "spec": spec,
    }
    podbook.kubectl("apply", "-f", "-", stdin=json.dumps(made))
    return folder


def status(podbook: AnyPodbook, name: str) -> dict[str, Any]:
    found = json.loads(podbook.kubectl("get", "nbx", name, "-o", "json"))
    said: dict[str, Any] = found.get("status", {})
    return said


def final(podbook: AnyPodbook, name: str) -> dict[str, Any]:
    podbook.finished(name)
    return status(podbook, name)


def times_started(podbook: AnyPodbook, name: str) -> int:
    path = podbook.shared / name / "started"
    return len(path.read_text()) if path.exists() else 0


def strike(podbook: AnyPodbook, uid: str, what: str) -> None:
    """Kill -9 a container's process or a part of Podbook."""
    if what not in CONTAINERS:
        podbook.kill(what)
        return
    process = main_process(podbook, uid, what)
    os.kill(process, signal.SIGKILL)
    # A process of that size takes its time to go.
    eventually(lambda: podbook.main_process(uid, what) != process, f"its {what} has ended")


def main_process(podbook: AnyPodbook, uid: str, container: str) -> int:
    found = eventually(lambda: podbook.main_process(uid, container), f"its {container} is known")
    return int(found)


@pytest.mark.parametrize("what", [*CONTAINERS, "api", *NODE])
def test_what_is_killed_between_giving_and_claim_costs_the_call_nothing(
    podbook: AnyPodbook, what: str
) -> None:
    pod, name = one_waits(podbook), f"given-{what}"
    uid = pod["metadata"]["uid"]
    with podbook.stopped("api"):
        call(podbook, name)
        labels = "jsonpath={.metadata.labels.podbook\\.dev/warm}"
        where = ("get", "pod", pod["metadata"]["name"], "-o", labels)
        eventually(lambda: podbook.kubectl(*where) == "given", "it is given")
        assert status(podbook, name).get("phase", "Queued") == "Queued"
        strike(podbook, uid, what)

    ended = final(podbook, name)

    assert (ended["phase"], times_started(podbook, name)) == ("Succeeded", 1), ended
    kinds = [(a.get("warm", False), "claimedAt" in a) for a in ended["attempts"]]
    is_lost = what in CONTAINERS
    assert kinds == ([(True, False), (False, True)] if is_lost else [(True, True)])


@pytest.mark.parametrize("what", [*CONTAINERS, *NODE])
def test_what_is_killed_right_after_the_claim_ends_the_call_as_a_cold_one(
    podbook: AnyPodbook, what: str
) -> None:
    pod, name = one_waits(podbook), f"claimed-{what}"
    uid = pod["metadata"]["uid"]
    with frozen(main_process(podbook, uid, "kernel")):
        call(podbook, name)
        eventually(lambda: status(podbook, name).get("reason") == "CellsRunning", "it is claimed")
        assert times_started(podbook, name) == 0
        strike(podbook, uid, what)

    ended = final(podbook, name)

    reason, times = {"runner": ("InternalError", 0), "kernel": ("KernelDied", 0)}.get(
        what, ("NotebookCompleted", 1)
    )
    assert (ended["reason"], times_started(podbook, name)) == (reason, times), ended
    assert [a["podUID"] for a in ended["attempts"]] == [uid]
