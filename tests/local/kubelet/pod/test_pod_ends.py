"""How pods end on a node of processes, and what is left of them."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from podbook_cluster.kubelet.settings import KubeletSettings
from rig.until import until
from tests.local.kubelet.conftest import Run
from tests.support.pods import Object, Pods, a_container, a_pod, state

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="handlers are known by /proc only")


def pod_root(settings: KubeletSettings, pod: Object) -> Path:
    return settings.data_dir / "pods" / str(pod["metadata"]["uid"]) / "root"


async def test_a_deleted_pod_may_save_and_is_gone(
    run: Run, pods: Pods, settings: KubeletSettings, tmp_path: Path
) -> None:
    await run()
    saved = tmp_path / "saved"
    script = f"trap 'echo saved > {saved}; exit 0' TERM; touch ready; while :; do sleep 0.05; done"
    await pods.create(a_pod("goes", a_container("c", script)))
    pod = await pods.in_phase("goes", "Running")
    await until(pod_root(settings, pod).joinpath("work", "ready").exists)
    await pods.delete("goes")

    await pods.gone("goes")

    assert saved.read_text() == "saved\n"
    await until(lambda: not pod_root(settings, pod).parent.exists(), what="the folder's end")


@LINUX
async def test_a_kernel_outlives_sigterm_while_its_runner_saves(
    run: Run, pods: Pods, settings: KubeletSettings, tmp_path: Path
) -> None:
    await run()
    seen = tmp_path / "seen"
    saves = f"trap 'sleep 0.3; kill -0 $(cat kernel) && echo alive > {seen}; exit 0' TERM; "
    runner = a_container("runner", saves + "touch ready; while :; do sleep 0.05; done")
    runner["command"][2] = runner["command"][2].replace("$(cat", "$$(cat")
    kernel = a_container("kernel", "echo $$$$ > kernel; exec sleep 60")
    await pods.create(a_pod("saves", kernel, runner, terminationGracePeriodSeconds=60))
    work = pod_root(settings, await pods.in_phase("saves", "Running")) / "work"
    await until(lambda: work.joinpath("ready").exists() and work.joinpath("kernel").exists())
    began = time.monotonic()
    await pods.delete("saves")

    await pods.gone("saves")

    assert seen.read_text() == "alive\n"
    # Not the sixty seconds that a real kubelet would wait for a kernel without a handler.
    assert time.monotonic() - began < 30


async def test_one_that_ignores_sigterm_is_killed_when_its_grace_is_over(
    run: Run, pods: Pods, settings: KubeletSettings
) -> None:
    await run()
    stubborn = a_container("c", "trap : TERM; touch ready; while :; do sleep 0.05; done")
    await pods.create(a_pod("stubborn", stubborn, terminationGracePeriodSeconds=60))
    work = pod_root(settings, await pods.in_phase("stubborn", "Running")) / "work"
    await until(work.joinpath("ready").exists)
    await pods.delete("stubborn")
    await pods.delete("stubborn", gracePeriodSeconds=1)

    await pods.gone("stubborn")


async def test_a_pod_removed_by_force_is_ended_all_the_same(
    run: Run, pods: Pods, settings: KubeletSettings
) -> None:
    await run()
    await pods.create(a_pod("forced", a_container("c", "echo $$$$ > pid; exec sleep 60")))
    pod = await pods.in_phase("forced", "Running")
    written = pod_root(settings, pod) / "work" / "pid"
    pid = int(await until(lambda: written.exists() and written.read_text().strip()) or 0)
    await pods.delete("forced", gracePeriodSeconds=0)
    await pods.gone("forced")

    await until(lambda: not _exists(pid), what="the end of the container")
    await until(lambda: not pod_root(settings, pod).parent.exists(), what="the folder's end")


async def test_a_pod_past_its_deadline_fails(run: Run, pods: Pods) -> None:
    await run()
    await pods.create(a_pod("late", a_container("c", "sleep 60"), activeDeadlineSeconds=3))

    status = (await pods.finished("late"))["status"]

    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    assert status["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 143
    assert await pods.get("late")
    ((kind, reason, _),) = await pods.events("late")
    assert (kind, reason) == ("Normal", "DeadlineExceeded")


async def test_a_finished_pod_keeps_its_logs_and_loses_the_rest(
    run: Run, pods: Pods, settings: KubeletSettings
) -> None:
    await run()
    await pods.create(a_pod("done", a_container("c", "echo said")))
    pod = await pods.finished("done")
    root = pod_root(settings, pod)

    await until(lambda: not root.exists(), what="the end of the pod's root")
    assert root.parent.joinpath("logs", "c.log").read_text() == "said\n"
    await pods.delete("done")
    await pods.gone("done")
    await until(lambda: not root.parent.exists(), what="the end of the pod's folder")


async def test_the_api_server_serves_the_log(run: Run, pods: Pods) -> None:
    await run(data_dir=pods.cluster.folder)
    await pods.create(a_pod("talks", a_container("c", "echo one; echo two")))
    await pods.finished("talks")

    _, text = await pods.request("GET", f"{pods.path('talks')}/log?container=c")

    assert text == "one\ntwo\n"


@pytest.mark.skipif(sys.platform != "linux", reason="what is resident is read from /proc")
async def test_a_memory_limit_ends_the_kernel_and_says_so(run: Run, pods: Pods) -> None:
    await run(memory_limits=True)
    hungry = "import time; held = bytearray(80_000_000); time.sleep(60)"
    kernel = {
        **a_container("kernel", ""),
        "command": [sys.executable, "-I", "-c", hungry],
        "resources": {"limits": {"memory": "40Mi"}},
    }
    await pods.create(a_pod("hungry", kernel))

    ended = state(await pods.finished("hungry"), "kernel")["terminated"]

    assert (ended["exitCode"], ended["reason"]) == (137, "OOMKilled")


async def test_limits_are_off_unless_switched_on(run: Run, pods: Pods) -> None:
    await run()
    held = {
        **a_container("kernel", ""),
        "command": [
            sys.executable,
            "-I",
            "-c",
            "import time; a = bytearray(80_000_000); time.sleep(0.5)",
        ],
        "resources": {"limits": {"memory": "40Mi"}},
    }
    await pods.create(a_pod("unlimited", held))

    assert (await pods.finished("unlimited"))["status"]["phase"] == "Succeeded"


async def test_another_nodes_pods_are_left_alone(run: Run, pods: Pods) -> None:
    await run()
    await pods.create(a_pod("elsewhere", a_container("c", "true"), nodeName="another"))
    await pods.create(a_pod("here", a_container("c", "true")))
    await pods.finished("here")

    assert json.dumps((await pods.get("elsewhere") or {})["status"]["phase"]) == '"Pending"'


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return False
    return True
