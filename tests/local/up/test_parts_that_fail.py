"""The ways in which a part can fail to start or to live: none of them ends unseen."""

import asyncio
import errno
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from podbook_local.supervisor import part as parts
from podbook_local.supervisor import protection
from podbook_local.supervisor.health import Question
from podbook_local.supervisor.part import Ended, Part
from podbook_local.supervisor.supervisor import Supervisor
from rig.running import mentioning
from rig.until import until
from tests.local.up.test_supervisor import SLEEP, part, supervised

# Serves its health on the port until it is told to hang, as an event loop does that is blocked.
HEALTHY = """
import http.server, pathlib, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        while pathlib.Path(sys.argv[1], 'hang').exists(): time.sleep(0.01)
        self.send_response(int(pathlib.Path(sys.argv[1], 'status').read_text()))
        self.end_headers()
        pathlib.Path(sys.argv[1], 'answered').touch()
    def log_message(self, *_): pass
http.server.HTTPServer.allow_reuse_address = True
port = int(pathlib.Path(sys.argv[1], 'port').read_text())
http.server.HTTPServer(('127.0.0.1', port), Handler).serve_forever()
"""


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/dev/fd"))), hard))
    held: list[int] = []
    try:
        while True:
            try:
                held.append(os.dup(0))
            except OSError:
                break
        yield
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def refusing(number: int, monkeypatch: pytest.MonkeyPatch, where: Any) -> Iterator[None]:
    """Let no process be started: root has no limits that it meets, and writes where it likes."""

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(where, "Process" if where is parts else "_start", refuse)
        yield


@contextmanager
def no_logs_folder(folder: Path) -> Iterator[None]:
    """Put a file where the folder of the logs was."""
    (folder / "logs").write_text("in the way")
    yield
    (folder / "logs").unlink()


def ways(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    return {
        "EMFILE": no_descriptors_left,
        "no logs folder": lambda: no_logs_folder(folder),
        "EAGAIN": lambda: refusing(errno.EAGAIN, patch, parts),
        "ENOMEM": lambda: refusing(errno.ENOMEM, patch, parts),
        "EROFS": lambda: refusing(errno.EROFS, patch, parts),
    }


@pytest.mark.parametrize("way", ["EMFILE", "no logs folder", "EAGAIN", "ENOMEM", "EROFS"])
async def test_a_part_that_cannot_be_started_is_tried_again_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    ends: list[Ended] = []
    kept = replace(part(tmp_path, SLEEP), log=tmp_path / "logs" / "part.log")
    async with supervised(kept, ended=ends.append) as supervisor:
        # Whatever the loop itself needs to know of an end, it has opened by now.
        await asyncio.sleep(0)
        first = await until(lambda: supervisor.pids()["part"])
        kept.log.unlink()
        kept.log.parent.rmdir()
        with ways(tmp_path, monkeypatch)[way]():
            os.kill(first, signal.SIGKILL)
            await until(lambda: len(ends) >= 3)
            assert {end.what for end in ends[1:]} == {"could not be started"}
            assert all(end.how for end in ends)

        await until(lambda: supervisor.pids()["part"])

    assert mentioning(str(tmp_path)) == []


def not_executable(folder: Path) -> Path:
    program = folder / "program"
    program.write_bytes(b"\x7fELF, but not really")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(lambda folder: folder / "nowhere", id="not there"),
        pytest.param(lambda folder: folder, id="a folder"),
        pytest.param(not_executable, id="no program"),
    ],
)
async def test_a_command_that_cannot_be_run_is_told_by_the_systems_own_words(
    tmp_path: Path, command: Callable[[Path], Path]
) -> None:
    ends: list[Ended] = []
    kept = Part("part", (str(command(tmp_path)),), dict(os.environ), tmp_path / "part.log")
    async with supervised(kept, ended=ends.append):
        await until(lambda: len(ends) >= 2)

    assert {end.what for end in ends} == {"could not be started"}, ends
    assert all(str(tmp_path) in end.how for end in ends)


@pytest.mark.parametrize(
    ("status", "hangs", "how"),
    [
        pytest.param(200, True, "no answer within", id="one that answers nobody"),
        pytest.param(503, False, "503", id="one that says itself that it is not well"),
    ],
)
async def test_a_part_that_hangs_is_killed_and_started_again(
    tmp_path: Path, status: int, hangs: bool, how: str
) -> None:
    ends: list[Ended] = []
    async with supervised(asked(tmp_path), ended=ends.append) as supervisor:
        first = await until(lambda: supervisor.pids()["part"])
        await until((tmp_path / "answered").exists)
        (tmp_path / "status").write_text(str(status))
        if hangs:
            (tmp_path / "hang").touch()
        await until(lambda: ends)
        (tmp_path / "hang").unlink(missing_ok=True)
        (tmp_path / "status").write_text("200")

        await until(lambda: supervisor.pids()["part"] not in {first, None})

    assert ends[0].what == "hung and was killed"
    assert how in ends[0].how


async def test_a_part_that_never_begins_to_answer_is_started_again(tmp_path: Path) -> None:
    ends: list[Ended] = []
    question = Question("127.0.0.1", a_free_port(), "/", every_seconds=0.05, first_tries=4)
    kept = replace(part(tmp_path, SLEEP), question=question)
    async with supervised(kept, ended=ends.append):
        await until(lambda: len(ends) >= 2)

    assert {end.what for end in ends} == {"hung and was killed"}
    assert mentioning(str(tmp_path)) == []


async def test_a_frozen_part_is_ended_with_everything_else(tmp_path: Path) -> None:
    async with supervised(part(tmp_path, SLEEP)) as supervisor:
        os.kill(await until(lambda: supervisor.pids()["part"]), signal.SIGSTOP)

    assert mentioning(str(tmp_path)) == []


async def test_an_end_by_a_signal_without_a_name_is_told_by_its_number(tmp_path: Path) -> None:
    ends: list[Ended] = []
    code = "import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 3)"
    async with supervised(part(tmp_path, code), ended=ends.append):
        await until(lambda: len(ends) >= 2)

    assert ends[0].how == f"signal {signal.SIGRTMIN + 3}"


async def test_a_log_that_is_gone_at_the_end_keeps_nothing_from_starting(tmp_path: Path) -> None:
    ends: list[Ended] = []
    async with supervised(part(tmp_path, SLEEP), ended=ends.append) as supervisor:
        first = await until(lambda: supervisor.pids()["part"])
        (tmp_path / "part.log").unlink()
        os.kill(first, signal.SIGKILL)

        await until(lambda: supervisor.pids()["part"] not in {first, None})


async def test_a_guardian_that_cannot_be_replaced_yet_is_replaced_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with supervised(part(tmp_path, SLEEP)) as supervisor:
        await until(lambda: supervisor.pids()["part"])
        first = supervisor.guardian
        with refusing(errno.EAGAIN, monkeypatch, protection):
            os.kill(first, signal.SIGKILL)
            await until(lambda: not running(first))
        await until(lambda: supervisor.guardian != first)

    assert mentioning(str(tmp_path)) == []


async def test_a_mistake_of_the_supervisors_own_is_not_swallowed(tmp_path: Path) -> None:
    def mistaken(_: Ended) -> None:
        raise ZeroDivisionError("a mistake of ours")

    supervisor = Supervisor([part(tmp_path, "pass")], ended=mistaken)
    supervisor.start("part")
    try:
        with pytest.raises(ZeroDivisionError, match="a mistake of ours"):
            await supervisor.broken()
    finally:
        await supervisor.stop()


def asked(folder: Path) -> Part:
    """Return a part that answers, asked so often that no test waits for long."""
    port = a_free_port()
    (folder / "port").write_text(str(port))
    (folder / "status").write_text("200")
    question = Question(
        "127.0.0.1", port, "/", every_seconds=0.05, answer_seconds=0.2, tries=3, first_tries=10_000
    )
    return replace(part(folder, HEALTHY), question=question)


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def running(pid: int) -> bool:
    done = subprocess.run(
        [sys.executable, "-c", f"import os; os.kill({pid}, 0)"], check=False, capture_output=True
    )
    return done.returncode == 0
