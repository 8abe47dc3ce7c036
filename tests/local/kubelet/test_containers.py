"""Containers are started, kept an eye on, and ended with all that belongs to them."""

import asyncio
import fcntl
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from podbook_local.kubelet import processes, records
from podbook_local.kubelet.containers import Container, Containers, NotStarted, StartedBefore
from podbook_local.kubelet.keeper.messages import Start
from podbook_local.kubelet.records import Ended
from tests.support.until import until

NEEDS_PROC = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells by /proc")
GRACE_SECONDS = 0.3

Starter = Callable[..., Coroutine[Any, Any, Container]]


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "kubelet.lock"


@pytest.fixture
def held_lock(lock: Path) -> "list[int]":
    """The lock of a living kubelet; closing it is that kubelet's end."""
    fd = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(fd, fcntl.LOCK_EX)
    return [fd]


@pytest.fixture
async def containers(tmp_path: Path, lock: Path, held_lock: list[int]) -> AsyncIterator[Containers]:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    made = Containers(
        tmp_path, lock=lock, orphan_grace_seconds=GRACE_SECONDS, environment=dict(os.environ)
    )
    await made.open()
    signal.signal(signal.SIGHUP, before)
    yield made
    await made.close()
    for fd in held_lock:
        os.close(fd)


@pytest.fixture
def start(tmp_path: Path, containers: Containers) -> Starter:
    async def _start(
        *argv: str, name: str = "c", uid: str | None = None, **options: Any
    ) -> Container:
        ident = f"{uid or uuid4()}/{name}"
        request = Start(
            id=ident,
            name=name,
            folder=str(tmp_path),
            argv=list(argv),
            env={"PATH": os.environ["PATH"], processes.MARK: ident, **options.pop("env", {})},
            cwd=str(tmp_path),
            log=str(tmp_path / f"{name}.log"),
            log_limit=options.pop("log_limit", 1_000_000),
            **options,
        )
        return await containers.start(request)

    return _start


async def end_of(container: Container) -> Ended:
    ended = await asyncio.wait_for(asyncio.shield(container.ended), 20)
    assert ended is not None
    return ended


def is_alive(pid: int) -> bool:
    return processes.is_running(pid, None)


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
async def test_when_the_keeper_is_killed_its_containers_are_known_lost(
    start: Starter, tmp_path: Path
) -> None:
    script = "sleep 60 & echo $! > group; setsid sleep 60 & echo $! > fled; sleep 60"
    container = await start("sh", "-c", script)
    await until(tmp_path.joinpath("fled").exists)
    keeper = int(Path(f"/proc/{container.started.pid}/stat").read_text().split()[3])
    os.kill(keeper, signal.SIGKILL)

    assert await asyncio.wait_for(asyncio.shield(container.ended), 20) is None
    pids = {container.started.pid}
    pids |= {int(tmp_path.joinpath(name).read_text()) for name in ("group", "fled")}
    await until(lambda: not any(map(is_alive, pids)), what="the end of all that it started")
    assert (await end_of(await start("sh", "-c", "exit 0", name="next"))).exit_code == 0
