"""A kubelet that was killed finds its pods again, or says truthfully that it can't."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from podbook_cluster.kubelet.container import processes
from podbook_cluster.kubelet.settings import KubeletSettings
from rig.until import until
from tests.support.containers import keeper_of
from tests.support.pods import Object, Pods, a_container, a_pod, state

RunApart = Callable[..., "subprocess.Popen[bytes]"]

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells by /proc")

WAITS = "echo $$$$ > pid; until test -e go; do sleep 0.02; done; echo said; exit 7"


def work_folder(settings: KubeletSettings, pod: Object) -> Path:
    return settings.data_dir / "pods" / str(pod["metadata"]["uid"]) / "root" / "work"


async def pid_in(work: Path, name: str = "pid") -> int:
    file = work / name
    return int(await until(lambda: file.exists() and file.read_text().strip(), what="a pid"))


def is_alive(pid: int) -> bool:
    return processes.is_running(pid, None)


async def test_what_ran_on_is_found_and_its_end_is_told(
    run_apart: RunApart, pods: Pods, settings: KubeletSettings
) -> None:
    kubelet = run_apart()
    await pods.create(a_pod("stays", a_container("c", WAITS)))
    pod = await pods.in_phase("stays", "Running")
    pid = await pid_in(work_folder(settings, pod))
    kubelet.kill()
    kubelet.wait()
    assert is_alive(pid)

    run_apart()
    work_folder(settings, pod).joinpath("go").touch()

    ended = state(await pods.finished("stays"), "c")["terminated"]
    assert ended["exitCode"] == 7
    assert ended["startedAt"] == state(pod, "c")["running"]["startedAt"]


async def test_an_end_without_a_kubelet_is_told_by_the_next(
    run_apart: RunApart, pods: Pods, settings: KubeletSettings
) -> None:
    kubelet = run_apart()
    logged = {"terminationMessagePolicy": "FallbackToLogsOnError"}
    await pods.create(a_pod("ends", a_container("c", WAITS, **logged)))
    pod = await pods.in_phase("ends", "Running")
    pid = await pid_in(work_folder(settings, pod))
    kubelet.kill()
    kubelet.wait()
    work_folder(settings, pod).joinpath("go").touch()
    await until(lambda: not is_alive(pid), what="the end of the container")

    run_apart()

    ended = state(await pods.finished("ends"), "c")["terminated"]
    assert (ended["exitCode"], ended["reason"], ended["message"]) == (7, "Error", "said\n")


async def test_a_found_pod_can_be_deleted(
    run_apart: RunApart, pods: Pods, settings: KubeletSettings
) -> None:
    kubelet = run_apart()
    await pods.create(a_pod("found", a_container("c", WAITS)))
    pod = await pods.in_phase("found", "Running")
    pid = await pid_in(work_folder(settings, pod))
    kubelet.kill()
    kubelet.wait()
    run_apart()

    await pods.delete("found")
    await pods.gone("found")

    assert not is_alive(pid)


async def test_a_pod_deleted_meanwhile_is_ended_and_cleared_away(
    run_apart: RunApart, pods: Pods, settings: KubeletSettings
) -> None:
    kubelet = run_apart()
    await pods.create(a_pod("away", a_container("c", WAITS)))
    pod = await pods.in_phase("away", "Running")
    work = work_folder(settings, pod)
    pid = await pid_in(work)
    kubelet.kill()
    kubelet.wait()
    await pods.delete("away", gracePeriodSeconds=0)
    await pods.gone("away")

    run_apart()

    await until(lambda: not is_alive(pid), what="the end of the container")
    await until(lambda: not work.parent.parent.exists(), what="the end of the folder")


async def test_what_was_ended_because_nobody_came_back_is_told_as_a_disruption(
    run_apart: RunApart, pods: Pods, settings: KubeletSettings
) -> None:
    kubelet = run_apart(ORPHAN_GRACE_SECONDS="0.3")
    await pods.create(a_pod("abandoned", a_container("c", WAITS)))
    pod = await pods.in_phase("abandoned", "Running")
    pid = await pid_in(work_folder(settings, pod))
    kubelet.kill()
    kubelet.wait()
    await until(lambda: not is_alive(pid), what="the end of the container")

    run_apart()

    status = (await pods.finished("abandoned"))["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "Terminated")
    assert "DisruptionTarget" in {item["type"] for item in status["conditions"]}
    assert state({"status": status}, "c")["terminated"]["exitCode"] == 143


@LINUX
@pytest.mark.parametrize("is_ended", [True, False], ids=["ended by it", "left running"])
async def test_a_stop_that_was_killed_is_the_cause_of_what_it_ended_and_of_nothing_else(
    run_apart: RunApart, pods: Pods, settings: KubeletSettings, is_ended: bool
) -> None:
    kubelet, name = run_apart(), f"stops-{is_ended}".lower()
    await pods.create(a_pod(name, a_container("c", f"trap '' TERM; {WAITS}")))
    pod = await pods.in_phase(name, "Running")
    work = work_folder(settings, pod)
    pid = await pid_in(work)
    kubelet.send_signal(signal.SIGTERM)
    await until((work.parents[1] / "interrupted").exists, what="the stop of the node")
    kubelet.send_signal(signal.SIGSTOP)
    if is_ended:
        processes.kill_group(pid)
        await until(lambda: not is_alive(pid), what="the end of the container")
    kubelet.kill()
    kubelet.wait()

    run_apart()
    (work / "go").touch()

    status = (await pods.finished(name))["status"]
    ended = state({"status": status}, "c")["terminated"]
    assert ended["exitCode"] == (137 if is_ended else 7)
    assert status.get("reason") == ("Terminated" if is_ended else None)
    assert ("DisruptionTarget" in {c["type"] for c in status["conditions"]}) is is_ended


async def test_when_all_were_killed_nothing_runs_on_and_the_loss_is_told(
    run_apart: RunApart, pods: Pods, settings: KubeletSettings
) -> None:
    kubelet = run_apart()
    script = "(setsid sleep 60 & echo $$! > fled); sleep 60 & echo $$! > group; " + WAITS
    await pods.create(a_pod("lost", a_container("c", script)))
    pod = await pods.in_phase("lost", "Running")
    work = work_folder(settings, pod)
    main, group, fled = [await pid_in(work, name) for name in ("pid", "group", "fled")]
    keeper = keeper_of(main)
    for pid in (kubelet.pid, keeper):
        os.kill(pid, signal.SIGKILL)
    kubelet.wait()
    await until(lambda: not is_alive(main), what="the end of the container with its keeper")

    run_apart()

    ended = state(await pods.finished("lost"), "c")["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (137, "ContainerStatusUnknown")
    assert ended["startedAt"] == state(pod, "c")["running"]["startedAt"]
    await until(lambda: not is_alive(group) and not is_alive(fled), what="the end of the strays")


async def test_a_pod_whose_folder_is_gone_is_lost(
    run_apart: RunApart, pods: Pods, settings: KubeletSettings
) -> None:
    kubelet = run_apart()
    await pods.create(a_pod("bare", a_container("c", WAITS)))
    pod = await pods.in_phase("bare", "Running")
    pid = await pid_in(work_folder(settings, pod))
    kubelet.kill()
    kubelet.wait()
    os.kill(pid, signal.SIGKILL)
    records = work_folder(settings, pod).parent.parent / "containers"
    await until(records.joinpath("c.ended.json").exists, what="the end on record")
    shutil.rmtree(settings.data_dir / "pods")

    run_apart()

    ended = state(await pods.finished("bare"), "c")["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (137, "ContainerStatusUnknown")


async def test_what_has_ended_is_not_started_again(
    run_apart: RunApart, pods: Pods, settings: KubeletSettings, tmp_path: Path
) -> None:
    kubelet = run_apart()
    starts = tmp_path / "starts"
    await pods.create(
        a_pod("once", a_container("a", f"echo a >> {starts}"), a_container("b", WAITS))
    )
    pod = await pods.in_phase("once", "Running")
    await pid_in(work_folder(settings, pod))
    await until(starts.exists)
    kubelet.kill()
    kubelet.wait()

    run_apart()
    work_folder(settings, pod).joinpath("go").touch()
    await pods.finished("once")

    assert starts.read_text() == "a\n"


async def test_however_often_it_is_killed_each_container_runs_once_and_its_end_is_told(
    run_apart: RunApart, pods: Pods, tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    starts.mkdir()
    count = 10
    for number in range(count):
        script = f"echo >> {starts}/$(NAME)-$$$$; sleep 0.0{number}; exit {number}"
        name = {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
        await pods.create(a_pod(f"often-{number}", a_container("c", script, env=[name])))
    for killed in range(count):
        kubelet = run_apart()
        await until(partial(_has_more_than, killed, starts), what="a start")
        kubelet.kill()
        kubelet.wait()
    run_apart()

    for number in range(count):
        pod = await pods.finished(f"often-{number}")
        assert state(pod, "c")["terminated"]["exitCode"] == number
    assert len(list(starts.iterdir())) == count


def _has_more_than(count: int, folder: Path) -> bool:
    return len(list(folder.iterdir())) > count
