"""Containers live on without their kubelet for a while, and are found again."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

from podbook_cluster.kubelet.container import records
from podbook_cluster.kubelet.container.containers import Container, Containers, KeeperLost
from podbook_cluster.kubelet.container.records import Ended
from rig.until import until
from tests.support.containers import Starter, end_of, is_alive, keeper_of

NEEDS_PROC = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells by /proc")


async def test_beginning_and_end_are_on_record(start: Starter, tmp_path: Path) -> None:
    container = await start("sh", "-c", "exit 5")
    ended = await end_of(container)

    assert records.read_started(tmp_path, "c") == container.started
    assert records.read_ended(tmp_path, "c") == ended


async def test_a_container_is_found_again_and_its_end_is_known(
    start: Starter, containers: Containers, tmp_path: Path
) -> None:
    started = await start("sh", "-c", "until test -e go; do sleep 0.01; done; exit 4")

    found = containers.find(tmp_path, "c")
    assert found is not None
    container = await found
    assert isinstance(container, Container)
    assert container.started == started.started
    tmp_path.joinpath("go").touch()
    assert (await end_of(container)).exit_code == 4


async def test_the_end_of_one_that_ended_meanwhile_is_found(
    start: Starter, containers: Containers, tmp_path: Path
) -> None:
    await end_of(await start("sh", "-c", "exit 4"))

    found = containers.find(tmp_path, "c")
    assert found is not None
    outcome = await found
    assert isinstance(outcome, Ended)
    assert outcome.exit_code == 4


async def test_one_that_was_never_started_is_not_found(
    containers: Containers, tmp_path: Path
) -> None:
    assert containers.find(tmp_path, "c") is None


async def test_containers_end_when_no_kubelet_comes_back(
    start: Starter, containers: Containers, held_lock: list[int]
) -> None:
    container = await start("sleep", "60")
    await containers.close()
    os.close(held_lock.pop())

    await until(lambda: not is_alive(container.started.pid), what="the end of the container")


async def test_one_that_ignores_sigterm_ends_too_when_no_kubelet_comes_back(
    start: Starter, containers: Containers, held_lock: list[int], tmp_path: Path
) -> None:
    container = await start("sh", "-c", "trap '' TERM; touch ready; while :; do sleep 0.1; done")
    await until(tmp_path.joinpath("ready").exists)
    await containers.close()
    os.close(held_lock.pop())

    await until(lambda: not is_alive(container.started.pid), what="the end of the container")


async def test_containers_live_on_while_another_kubelet_holds_the_lock(
    start: Starter, containers: Containers, tmp_path: Path
) -> None:
    container = await start("sh", "-c", "sleep 1; exit 6")
    await containers.close()

    ended = await until(lambda: records.read_ended(tmp_path, "c"), what="the end on record")
    assert ended == Ended(6, ended.finished_at)
    assert not is_alive(container.started.pid)


@NEEDS_PROC
async def test_a_container_that_a_killed_keeper_was_starting_is_known_lost(
    start: Starter, containers: Containers, tmp_path: Path
) -> None:
    # Opening it for writing waits for a reader, after the start was reserved.
    os.mkfifo(tmp_path / "c.log")
    starting = asyncio.ensure_future(start("sleep", "60"))
    await until(lambda: records.was_claimed(tmp_path, "c"), what="the keeper is starting it")
    os.kill(await _keeper(tmp_path), signal.SIGKILL)

    with pytest.raises(KeeperLost):
        await starting
    found = containers.find(tmp_path, "c")
    assert found is not None
    assert await found is None


@NEEDS_PROC
async def test_a_container_that_a_killed_keeper_had_not_begun_can_be_started(
    start: Starter, containers: Containers, tmp_path: Path
) -> None:
    keeper = await _keeper(tmp_path)
    os.kill(keeper, signal.SIGSTOP)
    starting = asyncio.ensure_future(start("sh", "-c", "exit 5"))
    await asyncio.sleep(0)
    os.kill(keeper, signal.SIGKILL)

    with pytest.raises(KeeperLost):
        await starting
    assert containers.find(tmp_path, "c") is None
    assert (await end_of(await start("sh", "-c", "exit 5"))).exit_code == 5


async def _keeper(folder: Path) -> int:
    """Return the process that starts containers for this folder."""

    def found() -> int | None:
        pids = (int(entry.name) for entry in Path("/proc").iterdir() if _is_keeper(entry, folder))
        return next(pids, None)

    # A process that has just begun to be it has no command line for a moment.
    pid: int = await until(found, what="the keeper")
    return pid


def _is_keeper(process: Path, folder: Path) -> bool:
    with contextlib.suppress(OSError):
        if not process.name.isdigit():
            return False
        words = process.joinpath("cmdline").read_bytes().decode().split("\0")
        return "podbook_cluster.kubelet.keeper" in words and str(folder / "kubelet.lock") in words
    return False


@NEEDS_PROC
async def test_when_the_keeper_is_killed_its_containers_are_known_lost(
    start: Starter, tmp_path: Path
) -> None:
    script = "sleep 60 & echo $! > group; setsid sleep 60 & echo $! > fled; sleep 60"
    container = await start("sh", "-c", script)
    await until(tmp_path.joinpath("fled").exists)
    os.kill(keeper_of(container.started.pid), signal.SIGKILL)

    assert await asyncio.wait_for(asyncio.shield(container.ended), 20) is None
    pids = {container.started.pid}
    pids |= {int(tmp_path.joinpath(name).read_text()) for name in ("group", "fled")}
    await until(lambda: not any(map(is_alive, pids)), what="the end of all that it started")
    assert (await end_of(await start("sh", "-c", "exit 0", name="next"))).exit_code == 0
