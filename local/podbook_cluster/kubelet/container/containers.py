"""Starts containers through the keeper, finds them again after a restart, and awaits their ends."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from podbook_cluster.kubelet.container import processes, records
from podbook_cluster.kubelet.container.records import Ended, Started
from podbook_cluster.kubelet.keeper import messages
from podbook_cluster.kubelet.keeper.messages import Start

T = TypeVar("T")

_log = logging.getLogger(__name__)

# A keeper writes the end of a container down within milliseconds.
_RECORD_SECONDS: Final = 1.0
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Container:
    """A container that was started."""

    started: Started
    # None: it is gone and nobody saw how it ended.
    ended: "asyncio.Future[Ended | None]"

    def send(self, signum: int) -> None:
        """Signal its main process, unless that has ended."""
        if processes.is_running(self.started.pid, self.started.start_time):
            processes.kill(self.started.pid, signum)

    def kill(self) -> None:
        """End the whole process group at once."""
        if processes.is_running(self.started.pid, self.started.start_time):
            processes.kill_group(self.started.pid)


@dataclass(frozen=True, slots=True)
class NotStarted(Exception):
    """The command could not be run."""

    ended: Ended


class StartedBefore(Exception):
    """An earlier kubelet had the container started: it is to be found."""


class KeeperLost(Exception):
    """The keeper ended while it was asked: the container was started and is lost, or never was."""


@dataclass(slots=True)
class _Keeper:
    """A keeper process with the containers that it was asked for."""

    pid: int
    requests: asyncio.WriteTransport
    reports: asyncio.StreamReader
    reading: asyncio.ReadTransport
    starting: "dict[str, asyncio.Future[Container]]" = field(default_factory=dict)
    running: dict[str, Container] = field(default_factory=dict)
    listening: "asyncio.Task[None] | None" = None

    @property
    def is_gone(self) -> bool:
        """Whether it has ended."""
        return self.reports.at_eof()


class Containers:
    """All containers of this node."""

    def __init__(
        self,
        data_dir: Path,
        *,
        lock: Path,
        orphan_grace_seconds: float,
        environment: Mapping[str, str],
    ) -> None:
        self._environment = environment
        self._errors = data_dir / "keeper.log"
        self._arguments = (str(lock), str(orphan_grace_seconds))
        self._keeper: _Keeper | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """Start the keeper, so that the first pod need not wait for it."""
        await self._ready()

    async def start(self, request: Start) -> Container:
        """Start a container.

        NotStarted if its command can't be run, StartedBefore if it was, KeeperLost if it may have
        been: `find` tells.
        """
        keeper = await self._ready()
        begun: asyncio.Future[Container] = asyncio.get_running_loop().create_future()
        keeper.starting[request.id] = begun
        keeper.requests.write(messages.encode(request))
        return await begun

    def find(self, folder: Path, name: str) -> "asyncio.Future[Container | Ended | None] | None":
        """Look for a container that an earlier kubelet started.

        None if none was; else a future: the container, its end, or None if neither is known.
        """
        if not records.was_claimed(folder, name):
            return None
        return asyncio.ensure_future(_found(folder, name))

    async def close(self) -> None:
        """Let the keeper go; containers that still run are its to end."""
        if (keeper := self._keeper) is None:
            return
        keeper.requests.close()
        if keeper.listening:
            if not keeper.running:
                await asyncio.wait({keeper.listening}, timeout=_RECORD_SECONDS)
            keeper.listening.cancel()
        keeper.reading.close()

    async def _ready(self) -> _Keeper:
        async with self._opening:
            if self._keeper is None or self._keeper.is_gone:
                self._keeper = await self._open()
            return self._keeper

    async def _open(self) -> _Keeper:
        with ExitStack() as theirs, ExitStack() as ours:
            get, requests = _pipe(theirs, ours)
            reports, put = _pipe(ours, theirs)
            # Its errors go to a file: whoever reads the kubelet's own must not wait for the keeper.
            errors = theirs.enter_context(self._errors.open("ab"))
            pid = self._spawn({get: 0, put: 1, errors.fileno(): 2})
            ours.pop_all()
        keeper = await _connect(pid, requests, reports)
        keeper.listening = asyncio.create_task(_listen(keeper))
        return keeper

    def _spawn(self, files: Mapping[int, int]) -> int:
        # Not by asyncio or subprocess: both complain of a process that is meant to outlive them.
        module = "podbook_cluster.kubelet.keeper"
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-m", module, *self._arguments],
            self._environment,
            file_actions=[(os.POSIX_SPAWN_DUP2, *pair) for pair in files.items()],
        )


def _pipe(reader: ExitStack, writer: ExitStack) -> tuple[int, int]:
    """Return a pipe's ends, each to be closed with its stack."""
    get, put = os.pipe()
    reader.callback(os.close, get)
    writer.callback(os.close, put)
    return get, put


async def _connect(pid: int, requests: int, reports: int) -> _Keeper:
    loop = asyncio.get_running_loop()
    writing, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(requests, "wb"))
    reader = asyncio.StreamReader()
    reading, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reports, "rb")
    )
    return _Keeper(pid, writing, reader, reading)


async def _listen(keeper: _Keeper) -> None:
    while line := await keeper.reports.readline():
        _note(keeper, messages.decode_report(line))
    await asyncio.to_thread(os.waitpid, keeper.pid, 0)
    _lose(keeper)


def _note(keeper: _Keeper, report: messages.Report) -> None:
    if report.started:
        container = Container(report.started, asyncio.get_running_loop().create_future())
        keeper.running[report.id] = container
        _answer(keeper.starting.pop(report.id), container)
    elif report.ended and (begun := keeper.starting.pop(report.id, None)):
        if not begun.done():
            begun.set_exception(NotStarted(report.ended))
    elif report.ended:
        _answer(keeper.running.pop(report.id).ended, report.ended)
    elif not (begun := keeper.starting.pop(report.id)).done():
        begun.set_exception(StartedBefore)


def _lose(keeper: _Keeper) -> None:
    """Deal with the death of a keeper: its containers' main processes died with it."""
    if keeper.running or keeper.starting:
        _log.warning("the keeper ended before its containers: %s", ", ".join(keeper.running))
    processes.kill_marked({*keeper.running, *keeper.starting})
    for container in keeper.running.values():
        processes.kill_group(container.started.pid)
        _answer(container.ended, None)
    for begun in keeper.starting.values():
        if not begun.done():
            begun.set_exception(KeeperLost)
    keeper.running.clear()
    keeper.starting.clear()


def _answer(future: "asyncio.Future[T]", value: T) -> None:
    if not future.done():
        future.set_result(value)


async def _found(folder: Path, name: str) -> "Container | Ended | None":
    started = await _record(lambda: records.read_started(folder, name))
    if started is None:
        return await _record(lambda: records.read_ended(folder, name))
    if processes.is_running(started.pid, started.start_time):
        return Container(started, asyncio.ensure_future(_end_of(started, folder, name)))
    return await _record(lambda: records.read_ended(folder, name))


async def _end_of(started: Started, folder: Path, name: str) -> Ended | None:
    await _gone(started)
    return await _record(lambda: records.read_ended(folder, name))


async def _record(read: Callable[[], T | None]) -> T | None:
    """Wait a moment for a record that another process is about to write."""
    for _ in range(int(_RECORD_SECONDS / _POLL_SECONDS)):
        if (record := read()) is not None:
            return record
        await asyncio.sleep(_POLL_SECONDS)
    return None


async def _gone(started: Started) -> None:
    """Return when a process that is not our child has ended."""
    if not hasattr(os, "pidfd_open"):
        while processes.is_running(started.pid, started.start_time):
            await asyncio.sleep(_POLL_SECONDS)
        return
    try:
        fd = os.pidfd_open(started.pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(fd, ended.set)
    try:
        if processes.is_running(started.pid, started.start_time):
            await ended.wait()
    finally:
        loop.remove_reader(fd)
        os.close(fd)
