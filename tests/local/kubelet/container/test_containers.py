"""Containers are started, kept an eye on, and ended with all that belongs to them."""

import os
import signal
import sys
from pathlib import Path

import pytest

from podbook_cluster.kubelet.container.containers import Containers, NotStarted, StartedBefore
from podbook_cluster.kubelet.keeper import containers as keeper
from podbook_cluster.kubelet.keeper import shim
from podbook_cluster.kubelet.keeper.containers import CannotStart
from podbook_cluster.kubelet.keeper.messages import Start
from rig.until import until
from tests.support.containers import GRACE_SECONDS, Starter, end_of, is_alive

NEEDS_PROC = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells by /proc")


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("exit 0", 0),
        ("exit 7", 7),
        ("kill -9 $$", 137),
        ("kill -TERM $$", 143),
        ("kill -SEGV $$", 139),
    ],
)
async def test_an_exit_code_is_the_shells(start: Starter, script: str, code: int) -> None:
    assert (await end_of(await start("sh", "-c", script))).exit_code == code


def test_a_container_that_is_killed_before_it_began_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shim, "stand_between", lambda *_, **__: os.kill(os.getpid(), 9))
    (tmp_path / "pod").mkdir()
    asked = Start(
        id="pod/c",
        name="c",
        folder=str(tmp_path / "pod"),
        argv=["sleep", "60"],
        env={},
        cwd=str(tmp_path),
        log=str(tmp_path / "c.log"),
        log_limit=1000,
    )

    with pytest.raises(CannotStart, match='exec: "sleep": it ended before it began'):
        keeper.start(asked, cgroups=None)


async def test_output_goes_to_one_log_in_order(start: Starter, tmp_path: Path) -> None:
    await end_of(await start("sh", "-c", "echo one; echo two >&2; echo three"))

    assert tmp_path.joinpath("c.log").read_text() == "one\ntwo\nthree\n"


@NEEDS_PROC
async def test_signals_have_their_usual_meaning(start: Starter) -> None:
    """Also where the kubelet was started by something that ignores them, such as nohup."""
    container = await start("sleep", "60")

    status = Path(f"/proc/{container.started.pid}/status").read_text()
    (ignored,) = (line.split()[1] for line in status.splitlines() if line.startswith("SigIgn"))
    container.kill()
    await end_of(container)

    assert not int(ignored, 16) >> (signal.SIGHUP - 1) & 1


async def test_input_is_empty(start: Starter) -> None:
    assert (await end_of(await start("cat"))).exit_code == 0


async def test_a_container_is_a_session_of_its_own(start: Starter) -> None:
    container = await start("sleep", "60")

    assert os.getsid(container.started.pid) == container.started.pid
    container.kill()
    await end_of(container)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("no-such-command", 'exec: "no-such-command": executable file not found in $PATH'),
        ("./no-such-file", 'exec: "./no-such-file": no such file or directory'),
        ("/", 'exec: "/": permission denied'),
    ],
)
async def test_a_command_that_cannot_run_says_why(start: Starter, command: str, why: str) -> None:
    with pytest.raises(NotStarted) as caught:
        await start(command)

    assert caught.value.ended.start_error == why
    assert caught.value.ended.exit_code == 128


async def test_a_container_is_started_once(start: Starter) -> None:
    await end_of(await start("true"))

    with pytest.raises(StartedBefore):
        await start("true")


async def test_what_a_container_left_in_its_group_dies_with_it(
    start: Starter, tmp_path: Path
) -> None:
    await end_of(await start("sh", "-c", "sleep 60 & echo $! > left"))

    left = int(tmp_path.joinpath("left").read_text())
    await until(lambda: not is_alive(left), what="the end of what was left")


@NEEDS_PROC
@pytest.mark.parametrize(
    "escape",
    [
        pytest.param("setsid sleep 60 & echo $! > left", id="by a session of its own"),
        pytest.param("(setsid sleep 60 & echo $! > left) &  wait", id="twice removed"),
        pytest.param("env -i $(command -v setsid) sleep 60 & echo $! > left", id="unmarked"),
    ],
)
async def test_what_fled_from_the_group_dies_with_the_container(
    start: Starter, tmp_path: Path, escape: str
) -> None:
    await end_of(await start("sh", "-c", escape))

    left = int(tmp_path.joinpath("left").read_text())
    await until(lambda: not is_alive(left), what="the end of what fled")


@NEEDS_PROC
async def test_a_daemon_of_a_running_container_is_left_alone(
    start: Starter, tmp_path: Path
) -> None:
    running = await start("sh", "-c", "(setsid sleep 60 & echo $! > left); sleep 60", name="a")
    await until(tmp_path.joinpath("left").exists)
    await end_of(await start("true", name="b"))

    assert is_alive(int(tmp_path.joinpath("left").read_text()))
    running.kill()
    await end_of(running)


async def test_an_end_is_told_although_a_daemon_holds_the_output(start: Starter) -> None:
    container = await start("sh", "-c", "setsid sleep 60 & echo said")

    assert (await end_of(container)).exit_code == 0


async def test_much_output_is_bounded_and_holds_nobody_up(start: Starter, tmp_path: Path) -> None:
    noisy = await start("sh", "-c", "yes | head -c 50000000", name="noisy")
    await end_of(await start("true", name="quiet"))
    assert (await end_of(noisy)).exit_code == 0

    sizes = [tmp_path.joinpath(name).stat().st_size for name in ("noisy.log", "noisy.log.1")]
    assert max(sizes) <= 1_000_000
    assert tmp_path.joinpath("noisy.log").read_bytes().endswith(b"y\ny\n")


@NEEDS_PROC
async def test_a_container_over_its_memory_limit_is_ended_and_said_so(start: Starter) -> None:
    hungry = "import time; held = bytearray(80_000_000); time.sleep(60)"

    ended = await end_of(
        await start(sys.executable, "-I", "-c", hungry, memory_limit=40 * 1024 * 1024)
    )

    assert (ended.exit_code, ended.memory_exceeded) == (137, True)


async def test_a_container_within_its_memory_limit_ends_as_it_likes(start: Starter) -> None:
    ended = await end_of(await start("sh", "-c", "exit 3", memory_limit=200 * 1024 * 1024))

    assert (ended.exit_code, ended.memory_exceeded) == (3, False)


async def test_a_keeper_that_can_not_be_started_costs_no_files(tmp_path: Path) -> None:
    """It is tried again and again, for as long as the folder is away."""
    away = tmp_path / "away"
    containers = Containers(
        away, lock=tmp_path / "lock", orphan_grace_seconds=GRACE_SECONDS, environment={}
    )
    before = sorted(os.listdir("/dev/fd"))

    for _ in range(3):
        with pytest.raises(FileNotFoundError):
            await containers.open()

    assert sorted(os.listdir("/dev/fd")) == before


@NEEDS_PROC
@pytest.mark.parametrize(
    "script",
    [
        pytest.param("kill -9 $PPID; sleep 60", id="its parent"),
        pytest.param("kill -STOP $PPID; sleep 60", id="its parent, stopped"),
        pytest.param("set -- $(cat /proc/$PPID/stat); kill -9 -$5; sleep 60", id="its group"),
        pytest.param("kill -9 0; sleep 60", id="its own group"),
    ],
)
async def test_who_ends_its_parent_ends_nobody_else(start: Starter, script: str) -> None:
    other = await start("sleep", "60", name="other")

    assert (await end_of(await start("sh", "-c", script, name="c"))).exit_code == 137

    assert is_alive(other.started.pid)
    assert not other.ended.done()
    other.kill()
    assert (await end_of(other)).exit_code == 137
    assert (await end_of(await start("sh", "-c", "exit 3", name="next"))).exit_code == 3
