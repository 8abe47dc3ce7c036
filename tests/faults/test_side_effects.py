"""A cell's side effect happens once, whatever is killed meanwhile: counted with real kernels.

Each run appends a line to a file of its own, outside of its pod. Everything that Podbook consists
of is killed in turn while the runs go on: its parts, the parent of all containers, containers and
pods.
"""

import os
import random
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from rig.ipynb import notebook
from rig.meeting import processes
from rig.running import RunningPodbook, running
from rig.until import eventually

RUNS = 20
SLOTS = 4
# How many runs a hit may cost: a part none, the parent of all containers those of every slot.
HITS = {"operator": 0, "api": 0, "cluster": 0, "keeper": SLOTS, "kernel": 1, "runner": 1, "pod": 1}
PATIENCE_SECONDS = 300.0

COUNTS = notebook(
    "import os, time\n"
    "descriptor = os.open(effects, os.O_WRONLY | os.O_CREAT | os.O_APPEND)\n"
    "os.write(descriptor, b'once\\n')",
    "time.sleep(0.3)",
    "from podbook import save_output\nsave_output(os.path.basename(effects))",
    parameters="effects = ''",
)


@pytest.fixture(scope="module")
def podbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPodbook]:
    folder, data = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("data")
    with running(folder, data, "--slots", str(SLOTS)) as started:
        started.put("counts", COUNTS)
        yield started


@pytest.mark.timeout(900)
def test_user_code_ran_once_in_every_run_that_succeeded_and_at_most_once_in_any(
    podbook: RunningPodbook,
) -> None:
    effects = podbook.shared_folder("effects")
    ids = {f"run-{n:02}": _submitted(podbook, effects / f"run-{n:02}") for n in range(RUNS)}
    hits = [*HITS, *HITS]
    random.Random(1).shuffle(hits)
    for number, hit in enumerate(hits, 1):
        _hit(podbook, hit)
        # The runs go on meanwhile, so that the next hit meets others, wherever they are.
        _wait_until_under_way(podbook, RUNS * number // len(hits))
    views = {name: podbook.finished(execution) for name, execution in ids.items()}

    for name, view in views.items():
        claimed = [attempt for attempt in view["attempts"] if attempt.get("claimedAt")]
        assert len(claimed) == 1, view
        if view["phase"] == "Succeeded":
            assert (_count(effects / name), view["output"]) == (1, name)
        else:
            assert _count(effects / name) <= 1, view
    lost = {name: view["reason"] for name, view in views.items() if view["phase"] != "Succeeded"}
    assert len(lost) <= 2 * sum(HITS.values()), lost
    assert set(lost.values()) <= {"KernelDied", "InternalError", "PodLost", "NodeLost"}, lost


def _submitted(podbook: RunningPodbook, effects: Path) -> str:
    # What never ran is made again, however often it is hit.
    body = {"parameters": {"effects": str(effects)}, "retryLimit": 10}
    answer = podbook.http.post("/v1/notebooks/counts/executions", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def _hit(podbook: RunningPodbook, what: str) -> None:
    if what in {"operator", "api", "cluster"}:
        podbook.kill(what)
    elif what == "keeper":
        _kill(eventually(lambda: _keeper(podbook), "the containers have a parent"))
    elif what == "pod":
        eventually(lambda: _delete_one(podbook), "a pod is deleted", seconds=PATIENCE_SECONDS)
    else:
        _kill(eventually(lambda: _container(podbook, what), f"a {what} runs"))


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):  # It has just ended by itself: that hit missed.
        os.kill(pid, signal.SIGKILL)


def _keeper(podbook: RunningPodbook) -> int | None:
    found = [
        pid
        for pid, (_, line) in processes().items()
        if "podbook_cluster.kubelet.keeper" in line and str(podbook.data) in line
    ]
    return found[-1] if found else None


def _container(podbook: RunningPodbook, name: str) -> int | None:
    pods = [path.name for path in podbook.pods.glob("*")]
    return next((pid for uid in pods if (pid := podbook.main_process(uid, name))), None)


def _delete_one(podbook: RunningPodbook) -> bool:
    """Delete a pod that runs; False while there is none, or nobody to ask."""
    pods = "/api/v1/namespaces/default/pods"
    try:
        listed: list[Any] = podbook.cluster_request("GET", pods)["items"]
        alive = [pod["metadata"]["name"] for pod in listed if pod["status"]["phase"] == "Running"]
        if alive:
            podbook.cluster_request("DELETE", f"{pods}/{alive[0]}")
    except (httpx.TransportError, AssertionError):
        return False
    return bool(alive)


def _wait_until_under_way(podbook: RunningPodbook, count: int) -> None:
    def is_so() -> bool:
        try:
            listed = podbook.http.get(f"/v1/executions?limit={RUNS}").json()["items"]
        except (httpx.TransportError, ValueError, KeyError):  # The API is among what is killed.
            return False
        phases = [str(view["phase"]) for view in listed]
        return len(phases) - phases.count("Queued") >= count

    eventually(is_so, f"{count} runs are under way", seconds=PATIENCE_SECONDS)


def _count(effects: Path) -> int:
    return len(effects.read_text().splitlines()) if effects.exists() else 0
