"""Has pages made: in processes of their own, bounded, each page once."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, Final

from podbook_api.artifacts.rendering.addresses import OwnFiles
from podbook_api.artifacts.rendering.edition import EDITION
from podbook_api.artifacts.store import Store
from podbook_api.http.problems import Problem
from podbook_crds.bounded_processes.pool import Pool, TooLong
from podbook_crds.bounded_processes.process import Ended, Refused
from podbook_crds.content import blob_digest
from podbook_crds.errors import StoreUnavailable

_log = logging.getLogger(__name__)

# Below it in the store: the edition, two letters of fan-out, the notebook's digest and the kind.
PAGES: Final = "pages"
KEPT: Final = timedelta(days=7)
SECONDS: Final = 60
MEMORY: Final = 1024**3
# A larger notebook's page would be more than a browser shows.
LARGEST_NOTEBOOK: Final = 64 * 1024**2
WAITING: Final = 64


class Renderer:
    """A few render processes, started at need; nbconvert is never imported in this one."""

    def __init__(
        self, store: Store, *, processes: int, seconds: int = SECONDS, memory: int = MEMORY
    ) -> None:
        self._store = store
        self.pool = Pool(
            "podbook_api.artifacts.rendering.worker",
            processes=processes,
            seconds=seconds,
            memory=memory,
            patience=None,
        )
        self._pending: dict[str, asyncio.Task[bytes]] = {}

    @property
    def pids(self) -> list[int]:
        """The ids of its processes that have not ended."""
        return self.pool.pids

    async def page(self, ipynb: bytes, *, report: bool, files: OwnFiles | None = None) -> bytes:
        """Return the page; a report shows neither code nor prompts.

        files are what the notebook left and shows. Raises Problem 422 where the page cannot be
        made, and 429 while too many are being made.
        """
        files = files or OwnFiles()
        path = _path(ipynb, files, report=report)
        making = self._pending.get(path)
        if making is None:
            if len(self._pending) >= WAITING:
                raise _queue_full()
            making = asyncio.create_task(self._kept(path, ipynb, files, report=report))
            self._pending[path] = making
            making.add_done_callback(lambda task: self._done(path, task))
        # Shielded: one caller that hangs up must not take the page from the others.
        return await asyncio.shield(making)

    async def sweep(self, now: datetime) -> int:
        """Delete pages made long ago, which can be made again; return how many."""
        old = [s.path async for s in self._store.under(PAGES) if now - s.modified > KEPT]
        await self._store.delete(old)
        return len(old)

    async def close(self) -> None:
        """End the processes."""
        for task in list(self._pending.values()):
            task.cancel()
        await self.pool.close()

    def _done(self, path: str, task: asyncio.Task[bytes]) -> None:
        self._pending.pop(path, None)
        # Looked at, so that asyncio does not call it forgotten when every caller has hung up.
        if not task.cancelled():
            task.exception()

    async def _kept(self, path: str, ipynb: bytes, files: OwnFiles, *, report: bool) -> bytes:
        try:
            page = await self._store.get(path)
        except StoreUnavailable:
            page = None
        if page is not None:
            return page
        page = await self._made(ipynb, files, report=report)
        try:
            await self._store.put(path, page)
        except StoreUnavailable as error:
            _log.warning("a page was made and not kept: %s", error)
        return page

    async def _made(self, ipynb: bytes, files: OwnFiles, *, report: bool) -> bytes:
        if len(ipynb) > LARGEST_NOTEBOOK:
            raise _unrenderable(f"it has {len(ipynb)} bytes and may have {LARGEST_NOTEBOOK}")
        try:
            known = [f for f in files.files.values() if f.data is not None]
            said = {"report": report, "files": _listed(files)}
            return await self.pool.ask(said, ipynb, *(f.data or b"" for f in known))
        except Refused as refused:
            raise _unrenderable(str(refused)) from refused
        except TooLong as error:
            raise _unrenderable(str(error)) from error
        except Ended as error:
            raise _unrenderable("the process that makes pages did not survive it") from error


def _listed(files: OwnFiles) -> list[dict[str, Any]]:
    """Return the run's files in the order of their parts; one that is not known has none."""
    return [
        {"name": name, "type": file.media_type, "known": file.data is not None}
        for name, file in files.files.items()
    ]


def _path(ipynb: bytes, files: OwnFiles, *, report: bool) -> str:
    shown = [f"{name} {blob_digest(f.data or b'')}" for name, f in sorted(files.files.items())]
    known = ipynb if not shown else b"\n".join([ipynb, *(line.encode() for line in shown)])
    digest = blob_digest(known).partition(":")[2]
    return f"{PAGES}/{EDITION}/{digest[:2]}/{digest}-{'report' if report else 'notebook'}.html"


def _unrenderable(detail: str) -> Problem:
    return Problem(
        422,
        "unrenderable-notebook",
        "The notebook cannot be shown as a page",
        f"{detail}; the notebook itself is the artifact notebook.ipynb",
    )


def _queue_full() -> Problem:
    return Problem(
        429,
        "too-many-pages",
        "Too many pages are being made",
        f"{WAITING} pages are being made already; ask again in a few seconds, or take the artifact"
        " notebook.ipynb, which needs no making",
        headers={"Retry-After": "5"},
    )
