"""One bounded process from outside: requests in, answers out; the other end is serving.py."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from podbook_crds.bounded_processes.serving import READY

# What a process needs to find its modules, and a home where its user has none in the system, as in
# a container; credentials stay here.
_ENVIRONMENT: Final = (
    *("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "TMPDIR", "HOME"),
)
START_SECONDS: Final = 60.0
_LARGEST: Final = 256 * 1024**2


# What is costly to make, and would lie about while it waits, is made when it is sent.
Part = bytes | Callable[[], bytes]


class Refused(Exception):
    """The process says why it has no answer to this."""


class Ended(Exception):
    """The process ended, or does not keep to the protocol."""


def command(module: str, *, memory: int, seconds: int) -> list[str]:
    """Return how the module is started; memory in bytes, seconds for one answer."""
    # -P: the current folder may hold notebooks, and modules of theirs. The alarm comes after the
    # caller's own timeout; it is for when there is no caller any more.
    return [sys.executable, "-P", "-m", module, str(memory), str(seconds + 5)]


def environment() -> dict[str, str]:
    """Return what the process is told of this one's environment."""
    return {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}


def request(said: dict[str, Any], parts: Sequence[Part]) -> bytes:
    """Return a request as it is sent."""
    made = [part if isinstance(part, bytes) else part() for part in parts]
    line = json.dumps({**said, "sizes": [len(part) for part in made]}).encode()
    return b"".join([line, b"\n", *made])


class Process:
    """A bounded process; it gives one answer at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._busy = False
        self._last = False

    @classmethod
    async def start(cls, module: str, *, memory: int, seconds: int) -> "Process":
        """Start one; memory in bytes, seconds for one answer before it ends itself."""
        process = cls(
            await asyncio.create_subprocess_exec(
                *command(module, memory=memory, seconds=seconds),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=environment(),
                start_new_session=True,
            )
        )
        try:
            await process._ready()
        except BaseException:
            process.end()
            raise
        return process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_idle(self) -> bool:
        """Whether it waits for the next request."""
        return not (self._busy or self._last or self.is_over)

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._process.returncode is not None

    async def ask(self, said: dict[str, Any], *parts: Part) -> bytes:
        """Return the answer; raise Refused or Ended."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise Ended("no pipes")
        self._busy = True
        try:
            stdin.write(request(said, parts))
            await stdin.drain()
            answer = json.loads(await stdout.readline())
            if answer["size"] > _LARGEST:
                raise Ended(f"an answer of {answer['size']} bytes")
            data = await stdout.readexactly(answer["size"])
        except (OSError, EOFError, ValueError, RuntimeError) as error:
            # RuntimeError is uvloop's word for a pipe whose other end has gone.
            raise Ended(str(error)) from error
        self._busy, self._last = False, answer["last"]
        if not answer["ok"]:
            raise Refused(data.decode())
        return data

    async def _ready(self) -> None:
        stdout = self._process.stdout
        try:
            async with asyncio.timeout(START_SECONDS):
                line = await stdout.readline() if stdout else b""
        except TimeoutError as error:
            raise Ended(f"it did not start within {START_SECONDS:.0f} s") from error
        if line != READY:
            raise Ended("it ended while it started")

    def end(self) -> None:
        """Have it end, whatever it does."""
        if self._process.returncode is None:
            self._process.kill()

    async def kill(self) -> None:
        """End it, and return once it has."""
        self.end()
        await self._process.wait()
