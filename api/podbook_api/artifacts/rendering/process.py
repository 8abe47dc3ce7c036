"""One render process: requests in, pages out; the other end is worker.py."""

import asyncio
import json
import os
import sys
from typing import Any, Final

from podbook_api.artifacts.rendering.addresses import OwnFiles

_LARGEST: Final = 256 * 1024**2
# What a process needs to find its modules, and a home where its user has none in the system, as in
# a container; credentials of the store stay here.
_ENVIRONMENT: Final = (
    *("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "TMPDIR", "HOME"),
)


class Refused(Exception):
    """The process says why it makes no page of this."""


class Ended(Exception):
    """The process ended, or does not keep to the protocol."""


class Process:
    """A render process; it makes one page at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._busy = False
        self._last = False

    @classmethod
    async def start(cls, *, memory: int, seconds: int) -> "Process":
        """Start one; memory in bytes, seconds for one page before it ends itself."""
        # -P: the current folder may hold notebooks, and modules of theirs. The alarm comes after
        # the caller's own timeout; it is for when there is no caller any more.
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "podbook_api.artifacts.rendering.worker"),
                *(str(memory), str(seconds + 5)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                start_new_session=True,
            )
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_idle(self) -> bool:
        """Whether it waits for the next page."""
        return not (self._busy or self._last or self.is_over)

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._process.returncode is not None

    async def render(self, ipynb: bytes, files: OwnFiles, *, report: bool) -> bytes:
        """Return the page; raise Refused or Ended."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise Ended("no pipes")
        self._busy = True
        try:
            request = {"size": len(ipynb), "report": report, "files": _listed(files)}
            stdin.write(json.dumps(request).encode() + b"\n" + ipynb)
            for file in files.files.values():
                stdin.write(file.data or b"")
            await stdin.drain()
            answer = json.loads(await stdout.readline())
            if answer["size"] > _LARGEST:
                raise Ended(f"a page of {answer['size']} bytes")
            data = await stdout.readexactly(answer["size"])
        except (OSError, EOFError, ValueError, RuntimeError) as error:
            # RuntimeError is uvloop's word for a pipe whose other end has gone.
            raise Ended(str(error)) from error
        self._busy, self._last = False, answer["last"]
        if not answer["ok"]:
            raise Refused(data.decode())
        return data

    async def kill(self) -> None:
        """End it, whatever it does."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


def _listed(files: OwnFiles) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": f.media_type, "size": None if f.data is None else len(f.data)}
        for name, f in files.files.items()
    ]
