"""Renders notebooks as pages: in processes of their own, bounded, each page once."""

import asyncio
import json
import sys
from collections import OrderedDict
from typing import Final

from podbook_crds.content import blob_digest
from podbook_crds.errors import ClusterUnavailable, InvalidNotebook

_SECONDS: Final = 60.0
_PAGES: Final = 32
_PAGE_LIMIT: Final = 16 * 1024 * 1024
_LARGEST: Final = 256 * 1024 * 1024


class Renderer:
    """A few render processes, started at need; nbconvert is never imported in this one."""

    def __init__(self, processes: int) -> None:
        self._free: asyncio.LifoQueue[_Process | None] = asyncio.LifoQueue()
        for _ in range(processes):
            self._free.put_nowait(None)
        self._pages: OrderedDict[tuple[str, bool], bytes] = OrderedDict()
        self._all: set[_Process] = set()

    async def page(self, ipynb: bytes, *, report: bool) -> bytes:
        """Return the page; raise InvalidNotebook where it cannot be made."""
        key = (blob_digest(ipynb), report)
        page = self._pages.get(key)
        if page is None:
            page = await self._rendered(ipynb, report=report)
            if len(page) <= _PAGE_LIMIT:
                self._pages[key] = page
        if key in self._pages:
            self._pages.move_to_end(key)
        while len(self._pages) > _PAGES:
            self._pages.popitem(last=False)
        return page

    async def close(self) -> None:
        """End the processes."""
        for process in list(self._all):
            await process.kill()
        self._all.clear()

    async def _rendered(self, ipynb: bytes, *, report: bool) -> bytes:
        process = await self._free.get()
        try:
            if process is None:
                process = await _Process.start()
                self._all.add(process)
            async with asyncio.timeout(_SECONDS):
                return await process.render(ipynb, report=report)
        except InvalidNotebook:
            raise
        except BaseException as error:
            if process is not None:
                self._all.discard(process)
                await process.kill()
                process = None
            if isinstance(error, TimeoutError):
                raise InvalidNotebook(f"no page after {_SECONDS:.0f} s of rendering") from error
            if isinstance(error, OSError | EOFError):
                raise ClusterUnavailable(f"the render process ended: {error}") from error
            raise
        finally:
            self._free.put_nowait(process)


class _Process:
    """One `python -m podbook_api.render`: a line with lengths, then bytes, each way."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> "_Process":
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "podbook_api.render",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        )

    async def render(self, ipynb: bytes, *, report: bool) -> bytes:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise EOFError("no pipes")
        stdin.write(json.dumps({"size": len(ipynb), "report": report}).encode() + b"\n" + ipynb)
        await stdin.drain()
        answer = json.loads(await stdout.readline() or b"null")
        if answer is None or answer["size"] > _LARGEST:
            raise EOFError("no answer")
        data = await stdout.readexactly(answer["size"])
        if not answer["ok"]:
            raise InvalidNotebook(f"the notebook cannot be rendered: {data.decode()}")
        return data

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
