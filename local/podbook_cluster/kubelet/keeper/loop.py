"""The keeper's loop: requests in, containers' output to files, their ends out."""

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from podbook_cluster import file_locks
from podbook_cluster.kubelet.container import memory, processes, records
from podbook_cluster.kubelet.container.records import Ended
from podbook_cluster.kubelet.keeper import containers, messages, shim
from podbook_cluster.kubelet.keeper.containers import START_ERROR_CODE, CannotStart, Running
from podbook_cluster.kubelet.keeper.messages import Report, Start

_REQUESTS: Final = 0
_REPORTS: Final = 1
_ABANDONED_SECONDS: Final = 0.25
_FINAL_GRACE_SECONDS: Final = 2.0


class Keeper:
    """Holds the containers that this process started."""

    def __init__(self, lock: Path, *, orphan_grace_seconds: float) -> None:
        self._lock = file_locks.opened(lock)
        self._orphan_grace = orphan_grace_seconds
        # By the number of the shim that waits for it.
        self._running: dict[int, Running] = {}
        self._selector = selectors.DefaultSelector()
        self._requests = b""
        self._cgroups = memory.delegated()
        self._check_at = 0.0
        self._abandoned_at: float | None = None
        self._ending_since: float | None = None

    def run(self) -> None:
        """Serve until the kubelet is gone and no container is left."""
        self._selector.register(_REQUESTS, selectors.EVENT_READ, self._read_requests)
        self._watch_signals()
        while self._abandoned_at is None or self._running:
            for key, _ in self._selector.select(self._patience()):
                act: Callable[[], None] = key.data
                act()
            self._check_memory()
            if self._ending_since is not None:
                self._end_all()
            elif self._abandoned_at is not None:
                self._look_for_kubelet(self._abandoned_at)

    def _patience(self) -> float | None:
        if any(running.memory_limit for running in self._running.values()):
            return memory.WATCH_SECONDS
        return None if self._abandoned_at is None else _ABANDONED_SECONDS

    def _check_memory(self) -> None:
        # Output alone may come a thousand times a second.
        if time.monotonic() >= self._check_at:
            self._check_at = time.monotonic() + memory.WATCH_SECONDS
            for running in self._running.values():
                running.check_memory()

    def _watch_signals(self) -> None:
        woken, wake = os.pipe()
        for end in (woken, wake):
            os.set_blocking(end, False)

        def reap() -> None:
            os.read(woken, 4096)
            self._reap()

        self._selector.register(woken, selectors.EVENT_READ, reap)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self._end_all())

    def _read_requests(self) -> None:
        data = os.read(_REQUESTS, 65536)
        if not data:
            self._selector.unregister(_REQUESTS)
            self._abandoned_at = time.monotonic()
            return
        *lines, self._requests = (self._requests + data).split(b"\n")
        for line in lines:
            self._start(messages.decode_start(line))

    def _start(self, request: Start) -> None:
        folder = Path(request.folder)
        try:
            if not records.claim_start(folder, request.name):
                self._report(Report(request.id))
                return
            running = containers.start(request, cgroups=self._cgroups)
        except (CannotStart, OSError) as error:
            ended = Ended(START_ERROR_CODE, records.timestamp(), start_error=str(error))
            with contextlib.suppress(OSError):
                records.write_ended(folder, request.name, ended)
            self._report(Report(request.id, ended=ended))
            return
        self._running[running.shim] = running
        self._selector.register(running.output, selectors.EVENT_READ, lambda: self._copy(running))
        self._report(Report(request.id, started=running.started))

    def _copy(self, running: Running) -> None:
        # The same round of events may have ended the container and closed its output.
        if running.shim in self._running and not running.copy_output():
            self._selector.unregister(running.output)

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
                if pid == 0:
                    break
                if os.WIFSTOPPED(status):
                    self._end_stopped(pid)
                elif running := self._running.pop(pid, None):
                    self._finish(running, status)
        self._end_strays()

    def _end_stopped(self, pid: int) -> None:
        """Nobody but its own container stops a shim, and would never be seen to end then."""
        if pid in self._running:
            processes.kill(pid, signal.SIGKILL)

    def _finish(self, running: Running, status: int) -> None:
        if running.output in self._selector.get_map():
            self._selector.unregister(running.output)
        ended = running.finish(shim.exit_code(status))
        self._report(Report(running.id, ended=ended))

    def _end_strays(self) -> None:
        """Kill what daemonised out of a container that has ended: it is our child by now."""
        alive = {running.id for running in self._running.values()}
        for pid in processes.children(os.getpid()):
            if pid in self._running:
                continue
            container = processes.mark(pid)
            if container not in alive if container else not alive:
                for member in processes.family(pid):
                    processes.kill(member, signal.SIGKILL)

    def _look_for_kubelet(self, since: float) -> None:
        """A kubelet that holds the lock has found the containers; without one they end."""
        if not file_locks.taken(self._lock):
            self._abandoned_at = time.monotonic()
        elif time.monotonic() - since >= self._orphan_grace:
            self._end_all()
        else:
            file_locks.give_back(self._lock)

    def _end_all(self) -> None:
        """SIGTERM at first, SIGKILL when asked again after a while."""
        now = time.monotonic()
        self._abandoned_at = self._abandoned_at or now
        self._ending_since = self._ending_since or now
        late = now - self._ending_since >= _FINAL_GRACE_SECONDS
        for running in self._running.values():
            running.abandoned = True
            running.send(signal.SIGKILL if late else signal.SIGTERM)

    def _report(self, report: Report) -> None:
        # Without a kubelet the records on disk are the report.
        with contextlib.suppress(BrokenPipeError):
            os.write(_REPORTS, messages.encode(report))
