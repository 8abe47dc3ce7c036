import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from podbook_local.supervisor.backoff import wait_seconds
from podbook_local.supervisor.part import Ended, Part
from podbook_local.supervisor.supervisor import Supervisor
from rig.running import mentioning
from rig.until import eventually, until

SLEEP = "import time; time.sleep(600)"


def part(folder: Path, code: str, name: str = "part") -> Part:
    # The folder stands in the command line, so that what is left of it can be found.
    command = (sys.executable, "-c", code, str(folder))
    return Part(name, command, dict(os.environ), folder / f"{name}.log")


@asynccontextmanager
async def supervised(
    *parts: Part, ended: Callable[[Ended], None] = lambda _: None
) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(parts, ended=ended)
    supervisor.start(*(part.name for part in parts))
    try:
        yield supervisor
    finally:
        await supervisor.stop()


async def test_a_part_that_is_killed_is_started_again(tmp_path: Path) -> None:
    ends: list[Ended] = []
    async with supervised(part(tmp_path, SLEEP), ended=ends.append) as supervisor:
        first = await until(lambda: supervisor.pids()["part"])
        os.kill(first, signal.SIGKILL)

        await until(lambda: supervisor.pids()["part"] not in {first, None})

    assert [(end.how, end.in_a_row) for end in ends] == [("SIGKILL", 1)]


async def test_a_part_that_keeps_dying_is_told_with_its_last_words_of_this_life(
    tmp_path: Path,
) -> None:
    ends: list[Ended] = []
    code = "import os, sys; print(f'life of {os.getpid()}'); sys.exit('out of luck')"
    async with supervised(part(tmp_path, code), ended=ends.append):
        await until(lambda: len(ends) == 3)

    assert [end.in_a_row for end in ends] == [1, 2, 3]
    assert {end.how for end in ends} == {"exit code 1: out of luck"}
    assert all(end.last_words.count("life of") == 1 for end in ends)
    assert all(end.last_words.endswith("out of luck") for end in ends)


def test_the_pauses_grow_and_stay_bearable() -> None:
    pauses = [wait_seconds(n) for n in range(1, 12)]

    assert pauses[:4] == [0.1, 0.2, 0.4, 0.8]
    assert pauses == sorted(pauses)
    assert wait_seconds(1000) == 10.0


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(SLEEP, id="one that ends when asked"),
        pytest.param(
            f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}",
            id="one that does not listen",
        ),
        pytest.param(
            "import subprocess, sys, time; subprocess.Popen([sys.executable, *sys.orig_argv[1:2],"
            " 'import time; time.sleep(600)', sys.argv[1]]); time.sleep(600)",
            id="one that leaves a child behind",
        ),
    ],
)
async def test_stopping_leaves_no_process(tmp_path: Path, code: str) -> None:
    async with supervised(part(tmp_path, code)) as supervisor:
        await until(lambda: supervisor.pids()["part"])

    assert mentioning(str(tmp_path)) == []


def test_a_killed_supervisor_takes_its_parts_with_it(tmp_path: Path) -> None:
    script = f"""
import asyncio
from pathlib import Path
from tests.local.up.test_supervisor import SLEEP, part, supervised

async def main():
    folder = Path({str(tmp_path)!r})
    async with supervised(part(folder, SLEEP), part(folder, SLEEP, "other")):
        await asyncio.sleep(600)

asyncio.run(main())
"""
    root = Path(__file__).parents[3]
    supervisor = subprocess.Popen([sys.executable, "-c", script], cwd=root)
    try:
        eventually(lambda: len(_parts(tmp_path)) == 2, "both parts run")
    finally:
        supervisor.kill()
        supervisor.wait()

    eventually(lambda: not mentioning(str(tmp_path)), "nothing is left")


async def test_a_guardian_that_is_killed_is_replaced(tmp_path: Path) -> None:
    async with supervised(part(tmp_path, SLEEP)) as supervisor:
        first = supervisor.guardian
        running = await until(lambda: supervisor.pids()["part"])
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.guardian != first)
        assert supervisor.pids()["part"] == running
        # What comes to an end and what begins reaches the new one.
        os.kill(running, signal.SIGKILL)
        await until(lambda: supervisor.pids()["part"] not in {running, None})
        os.kill(supervisor.guardian, signal.SIGKILL)

    assert mentioning(str(tmp_path)) == []


@pytest.mark.parametrize(
    "with_it",
    [
        pytest.param([], id="after its replacement"),
        pytest.param(
            ["supervisor"],
            id="together with the supervisor",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="no PR_SET_PDEATHSIG there"),
        ),
    ],
)
def test_parts_end_though_the_guardian_was_killed(tmp_path: Path, with_it: list[str]) -> None:
    script = f"""
import asyncio
from pathlib import Path
from tests.local.up.test_supervisor import SLEEP, part, supervised

async def main():
    folder = Path({str(tmp_path)!r})
    async with supervised(part(folder, SLEEP)) as supervisor:
        while True:
            draft = folder / "draft"
            draft.write_text(str(supervisor.guardian))
            draft.replace(folder / "guardian")
            await asyncio.sleep(0.02)

asyncio.run(main())
"""

    def guardian() -> int:
        file = tmp_path / "guardian"
        return int(file.read_text()) if file.exists() else 0

    root = Path(__file__).parents[3]
    supervisor = subprocess.Popen([sys.executable, "-c", script], cwd=root)
    try:
        eventually(lambda: _parts(tmp_path) and guardian(), "the part runs")
        first = guardian()
        if with_it:
            supervisor.kill()
        os.kill(first, signal.SIGKILL)
        if not with_it:
            eventually(lambda: guardian() != first, "there is another guardian")
    finally:
        supervisor.kill()
        supervisor.wait()

    eventually(lambda: not mentioning(str(tmp_path)), "nothing is left")


def _parts(folder: Path) -> list[str]:
    return [line for line in mentioning(str(folder)) if SLEEP in line]


async def test_a_log_that_has_grown_large_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    log.touch()
    os.truncate(log, 9 * 1024 * 1024)

    async with supervised(part(tmp_path, "print('new')", "part")):
        await until(lambda: "new" in log.read_text())

    assert (tmp_path / "part.old.log").stat().st_size == 9 * 1024 * 1024


async def test_a_part_is_not_started_again_once_stopping_has_begun(tmp_path: Path) -> None:
    ends: list[Ended] = []
    supervisor = Supervisor([part(tmp_path, SLEEP)], ended=ends.append)
    supervisor.start("part")
    await until(lambda: supervisor.pids()["part"])
    stopping = asyncio.create_task(supervisor.stop())
    await stopping

    assert ends == []
    assert mentioning(str(tmp_path)) == []
