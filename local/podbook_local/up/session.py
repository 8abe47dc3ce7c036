"""One `podbook up` from start to end."""

import asyncio
import contextlib
import os
import secrets
import signal
import threading
import time
import webbrowser
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from podbook_catalog import interpreter as interpreters
from podbook_cluster.kubelet.parent import gone
from podbook_crds.formats.durations import spelled
from podbook_local.supervisor.part import Ended
from podbook_local.supervisor.supervisor import Supervisor
from podbook_local.up import ports
from podbook_local.up.daemon_thread import in_daemon_thread
from podbook_local.up.data_folder import FolderHeld, FolderUnusable, held, held_by
from podbook_local.up.early_settings import read_early
from podbook_local.up.elsewhere import findable, serving
from podbook_local.up.example import run_example
from podbook_local.up.options import Options, is_loopback
from podbook_local.up.parts import parts
from podbook_local.up.preparation import Prepared, data_folder, prepare
from podbook_local.up.rest import Rest
from podbook_local.up.terminal.recoveries import Recoveries
from podbook_local.up.terminal.runs import RunsTold

_READY_SECONDS: Final = 60.0
_ASK_AGAIN_SECONDS: Final = 0.02
# One notebook that the API does not take in keeps the others waiting no longer than this.
_SHOWN_SECONDS: Final = 15.0
# A part that has ended this often in a row does not just wait for another one.
_TELL_AFTER: Final = 2
_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOK_SECONDS: Final = 1.0
_OK: Final = 200

T = TypeVar("T")
Say = Callable[[str], None]


class NotReady(Exception):
    """The parts did not come up; the message says what they said."""


async def serve(options: Options, *, environment: Mapping[str, str], say: Say) -> None:
    """Serve the folder until a signal to stop; nothing is left running afterwards.

    Raises BadOption, Mistaken, NoInterpreter, FolderHeld, FolderUnusable or NotReady.
    """
    started = time.monotonic()
    stopping = asyncio.Event()
    for number in _STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    options.check()
    following = asyncio.create_task(_end_with(options.parent, stopping))
    # Not resolved: a link that is switched to another folder leads there from then on.
    root = Path(os.path.abspath(options.folder))
    settings = read_early(root)
    python = await _unless(
        stopping,
        in_daemon_thread(
            lambda: interpreters.choose(
                root, option=options.python, setting=settings.python, environment=environment
            )
        ),
    )
    if python is None:
        return  # It need not be waited for: nothing runs yet.
    for sentence in python.passed_over:
        say(sentence)
    say(f"Kernels    {python.path} (Python {python.version}, {python.chosen_by})")
    folder = data_folder(options, root, environment)
    if options.data_dir is None and (other := serving(root, environment)) is not None:
        raise FolderHeld(held_by(other))
    folder.make()
    with held(folder) as is_there, findable(folder, environment):
        prepared = prepare(
            options, settings, root=root, folder=folder, interpreter=python, environment=environment
        )
        folder.write_state(prepared.state(pids={}, ready=False))
        await _Session(prepared, is_there, say).run(started, stopping)
    following.cancel()


class _Session:
    """The parts, the folder's loader, and what people are told of them."""

    def __init__(self, prepared: Prepared, is_there: Callable[[], bool], say: Say) -> None:
        self._prepared, self._is_there, self._say = prepared, is_there, say
        self._rest = Rest(prepared.url, prepared.options.token)
        # A name that our own API alone answers to: another process that took the port does not.
        # Where a token is asked for, that does; a list of names would shut others out.
        own = [] if prepared.options.token else [f"{secrets.token_hex(16)}.invalid"]
        self._own = replace(self._rest, host=own[0] if own else None)
        self._last_end = ""
        served = parts(
            prepared.folder,
            prepared.ports,
            prepared.options,
            own_hosts=own,
            interpreter=prepared.interpreter,
            environment=prepared.environment,
        )
        self._supervisor = Supervisor(served, ended=self._part_ended)
        self._recoveries = Recoveries(served, say)

    async def run(self, started: float, stopping: asyncio.Event) -> None:
        """Start everything, serve, and stop everything, in whatever state it is."""
        self._supervisor.start("cluster", "api")
        work = asyncio.create_task(self._serve(started))
        stop = asyncio.create_task(stopping.wait())
        broken = asyncio.create_task(self._supervisor.broken())
        try:
            await asyncio.wait({work, stop, broken}, return_when=asyncio.FIRST_COMPLETED)
            if broken.done():
                broken.result()
        finally:
            # A folder that is gone or full by now keeps nobody from stopping.
            with contextlib.suppress(FolderUnusable):
                self._write_state(ready=False)
            stop.cancel()
            broken.cancel()
            self._recoveries.stop()
            if not work.done():
                work.cancel()
            await self._supervisor.stop()
        with contextlib.suppress(asyncio.CancelledError):
            await work

    async def _serve(self, started: float) -> None:
        # Imported while the others start: see early_settings.
        from podbook_local.up.watch.catalog_watch import CatalogWatch

        watch = CatalogWatch(self._prepared, self._say)
        try:
            async with asyncio.timeout(_READY_SECONDS):
                notebooks = await watch.first_load()
                self._prepared.folder.catalog_pending.unlink(missing_ok=True)
                # Not before: on two cores it would only keep the API from starting.
                self._supervisor.start("operator")
                await self._api_ready(notebooks)
        except TimeoutError:
            cause = self._last_end or watch.trouble or "the API does not answer"
            raise NotReady(f"not ready after {_READY_SECONDS:.0f} s: {cause}") from None
        self._write_state(ready=True)
        self._show(len(notebooks), time.monotonic() - started)
        if self._prepared.options.is_opened:
            # Not waited for: without a desktop it is a text browser, which goes on.
            threading.Thread(target=webbrowser.open, args=(self._rest.url,), daemon=True).start()
        if not self._prepared.options.quiet:
            RunsTold(self._rest, self._say).begin()
        await _first_of(watch.follow(), self._watch_data(), self._show_example())

    async def _show_example(self) -> None:
        if self._prepared.options.example is not None:
            await run_example(self._prepared.options.example, self._rest, self._say)
        await asyncio.Future()

    async def _watch_data(self) -> None:
        """Raise NotReady when the data folder is gone: nothing that runs could be kept."""
        while self._is_there():
            await asyncio.sleep(_LOOK_SECONDS)
        raise NotReady(f"{self._prepared.folder.path}, the data folder, was removed; stopping")

    async def _api_ready(self, notebooks: list[str]) -> None:
        """Wait until the API shows every notebook: from now on a call finds what it names.

        One that it does not take in is named, and the others are served.
        """
        options = self._prepared.options
        while (missing := await asyncio.to_thread(self._not_shown, set(notebooks))) is None:
            if self._last_end and self._supervisor.pids()["api"] is None:
                # Ended, perhaps because another program took the port meanwhile.
                ports.asked_for(options.host, self._prepared.ports.api)
            await asyncio.sleep(_ASK_AGAIN_SECONDS)
        give_up = time.monotonic() + _SHOWN_SECONDS
        while missing and time.monotonic() < give_up:
            await asyncio.sleep(_ASK_AGAIN_SECONDS)
            found = await asyncio.to_thread(self._not_shown, missing)
            missing = missing if found is None else found
        if missing:
            self._say(f"not shown by the API yet: {', '.join(sorted(missing))}")

    def _not_shown(self, notebooks: set[str]) -> set[str] | None:
        """Return the notebooks that the API does not show; None while it is not ready."""
        try:
            ready, _ = self._own.call("GET", "/readyz")
            status, answer = self._own.call("GET", "/v1/notebooks")
        except OSError:
            return None
        if not ready == status == _OK:
            return None
        return notebooks - {notebook["id"] for notebook in (answer or {}).get("items") or []}

    def _write_state(self, *, ready: bool) -> None:
        state = self._prepared.state(pids=self._supervisor.pids(), ready=ready)
        self._prepared.folder.write_state(state)

    def _show(self, count: int, seconds: float) -> None:
        noun = "notebook" if count == 1 else "notebooks"
        options, listening = self._prepared.options, self._prepared.ports
        lines = [
            f"Podbook    {self._rest.url}   ({count} {noun}, ready in {spelled(seconds)})",
            f"API docs   {self._rest.url}/docs",
            f"kubectl    export KUBECONFIG={self._prepared.folder.kubeconfig}",
        ]
        if listening.grpc is not None:
            lines.append(f"gRPC       {options.host}:{listening.grpc}")
        if not count:
            lines.append(f"No notebooks yet: save a NAME.ipynb below {self._prepared.root}.")
        if not is_loopback(options.host):
            lines.append("Others can reach it: every call must show the token.")
        self._say("\n".join([*lines, "Ctrl-C stops everything."]))

    def _part_ended(self, ended: Ended) -> None:
        sentence = f"{ended.name} {ended.what} ({ended.how}); starting it again"
        if ended.in_a_row >= _TELL_AFTER:
            sentence = (
                f"{ended.name} {ended.what} ({ended.how}), {ended.in_a_row} times in a row;"
                f" trying again in {spelled(ended.again_in_seconds)}."
            )
            if ended.last_words:
                sentence += f" Its last words:\n{ended.last_words}"
        self._last_end = sentence
        self._say(sentence)
        if not self._prepared.options.quiet:
            self._recoveries.await_one(ended.name)


async def _unless(stopping: asyncio.Event, work: Awaitable[T]) -> T | None:
    """Return the work's result, None where it was told to stop before."""
    working, stop = asyncio.ensure_future(work), asyncio.ensure_future(stopping.wait())
    await asyncio.wait({working, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    return working.result() if working.done() else None


async def _end_with(parent: int | None, stopping: asyncio.Event) -> None:
    if parent is not None:
        try:
            await gone(parent)
        finally:
            stopping.set()


async def _first_of(*works: Coroutine[None, None, None]) -> None:
    """Do all of them until one ends or fails, as that does."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    for task in ended:
        task.result()
