"""When the kubelet stops, whatever the way, no container is left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from podbook_cluster.kubelet.container import processes
from podbook_cluster.kubelet.run import run_kubelet
from podbook_cluster.kubelet.settings import KubeletSettings
from rig.until import until
from tests.local.kubelet.conftest import running
from tests.support.containers import keeper_of
from tests.support.pods import Object, Pods, a_container, a_pod, state

RunApart = Callable[..., "subprocess.Popen[bytes]"]

# Starts a kubelet as a supervisor would, and waits.
PARENT = """
import subprocess, sys
subprocess.Popen([sys.executable, "-m", "podbook_cluster.kubelet"]).wait()
"""


def is_alive(pid: int) -> bool:
    return processes.is_running(pid, None)


async def pid_of(settings: KubeletSettings, pod: Object) -> int:
    folder = settings.data_dir / "pods" / str(pod["metadata"]["uid"])
    file = folder / "root" / "work" / "pid"
    return int(await until(lambda: file.exists() and file.read_text().strip(), what="a pid"))


async def test_containers_end_in_good_order_and_it_is_said_why(
    pods: Pods, settings: KubeletSettings
) -> None:
    stop = asyncio.Event()
    kubelet = asyncio.create_task(run_kubelet(settings, stop))
    script = "trap 'echo saved; exit 5' TERM; echo $$$$ > pid; while :; do sleep 0.02; done"
    polite = a_container("c", script, terminationMessagePolicy="FallbackToLogsOnError")
    created = await pods.create(a_pod("interrupted", polite))
    await pods.in_phase("interrupted", "Running")
    pid = await pid_of(settings, created)

    stop.set()
    await asyncio.wait_for(kubelet, 20)

    assert not is_alive(pid)
    pod = await pods.get("interrupted") or {}
    status = pod["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "Terminated")
    (target,) = (item for item in status["conditions"] if item["type"] == "DisruptionTarget")
    assert target["reason"] == "TerminationByKubelet"
    ended = state(pod, "c")["terminated"]
    assert (ended["exitCode"], ended["message"]) == (5, "saved\n")


async def test_it_stops_although_a_container_would_not_and_no_server_answers(
    pods: Pods, settings: KubeletSettings
) -> None:
    stop = asyncio.Event()
    kubelet = asyncio.create_task(run_kubelet(settings, stop))
    stubborn = a_container("c", "trap : TERM; echo $$$$ > pid; while :; do sleep 0.05; done")
    created = await pods.create(a_pod("obstinate", stubborn))
    pid = await pid_of(settings, created)
    pods.cluster.fault(kind="status", path="/pods/", user_agent="podbook-kubelet", times=0)

    stop.set()
    await asyncio.wait_for(kubelet, 20)

    assert not is_alive(pid)


async def test_a_pod_that_had_not_begun_begins_another_time(
    pods: Pods, settings: KubeletSettings
) -> None:
    secret = {"secretRef": {"name": "for-another-time"}}
    await pods.create(a_pod("unbegun", a_container("c", "true", envFrom=[secret])))

    async def waits() -> bool:
        status = (await pods.get("unbegun") or {}).get("status", {})
        return bool(status.get("containerStatuses"))

    async with running(settings):
        await until(waits, what="the pod's waiting")
    assert (await pods.get("unbegun") or {})["status"]["phase"] == "Pending"

    body = {"metadata": {"name": "for-another-time"}}
    await pods.request("POST", "/api/v1/namespaces/default/secrets", body)
    async with running(settings):
        assert (await pods.finished("unbegun"))["status"]["phase"] == "Succeeded"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_it(
    run_apart: RunApart, pods: Pods, settings: KubeletSettings, how: signal.Signals
) -> None:
    kubelet = run_apart()
    name = f"stops-{how.name.lower()}"
    created = await pods.create(a_pod(name, a_container("c", "echo $$$$ > pid; exec sleep 60")))
    await pods.in_phase(name, "Running")
    pid = await pid_of(settings, created)

    kubelet.send_signal(how)

    await until(lambda: kubelet.poll() is not None, what="the kubelet's end")
    assert kubelet.returncode == 0
    assert not is_alive(pid)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_it_stops_with_its_parent(
    pods: Pods, settings: KubeletSettings, how: signal.Signals
) -> None:
    told = {
        "SERVER": settings.server,
        "TOKEN": settings.token,
        "DATA_DIR": str(settings.data_dir),
        "NODE_NAME": settings.node_name,
        "STOP_WITH_PARENT": "true",
    }
    environ = {f"PODBOOK_KUBELET_{name}": said for name, said in told.items()}
    parent = subprocess.Popen([sys.executable, "-c", PARENT], env={**os.environ, **environ})
    name = f"child-{how.name.lower()}"
    created = await pods.create(a_pod(name, a_container("c", "echo $$$$ > pid; exec sleep 60")))
    await pods.in_phase(name, "Running")
    pid = await pid_of(settings, created)

    parent.send_signal(how)
    parent.wait()

    await until(lambda: not is_alive(pid), what="the end of the container")
    assert (await pods.finished(name))["status"]["reason"] == "Terminated"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux names a process's children")
async def test_a_pod_that_a_killed_keeper_had_not_begun_is_begun_by_the_next(
    run_apart: RunApart, pods: Pods, settings: KubeletSettings
) -> None:
    kubelet = run_apart()
    (keeper,) = await until(lambda: processes.children(kubelet.pid), what="the keeper")
    await pods.create(a_pod("stopped-after", a_container("c", "true")))
    await pods.finished("stopped-after")
    os.kill(keeper, signal.SIGSTOP)
    created = await pods.create(a_pod("meanwhile", a_container("c", "true")))
    folder = settings.data_dir / "pods" / created["metadata"]["uid"] / "root"
    await until(folder.exists, what="the pod's folder")

    os.kill(keeper, signal.SIGKILL)

    assert (await pods.finished("meanwhile"))["status"]["phase"] == "Succeeded"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a keeper's end at once")
async def test_a_killed_keeper_takes_its_containers_along(
    run_apart: RunApart, pods: Pods, settings: KubeletSettings
) -> None:
    run_apart()
    created = await pods.create(a_pod("taken", a_container("c", "echo $$$$ > pid; exec sleep 60")))
    await pods.in_phase("taken", "Running")
    pid = await pid_of(settings, created)

    os.kill(keeper_of(pid), signal.SIGKILL)

    ended = state(await pods.finished("taken"), "c")["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (137, "ContainerStatusUnknown")
    await pods.create(a_pod("after-the-keeper", a_container("c", "true")))
    assert (await pods.finished("after-the-keeper"))["status"]["phase"] == "Succeeded"
