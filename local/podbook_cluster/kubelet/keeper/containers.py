"""One running container as its parent sees it: its process, its output, its memory."""

import contextlib
import errno
import os
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from podbook_cluster.kubelet.container import memory, processes, records
from podbook_cluster.kubelet.container.logs import LogFile
from podbook_cluster.kubelet.container.records import Ended, Started
from podbook_cluster.kubelet.keeper import shim
from podbook_cluster.kubelet.keeper.messages import Start

_CHUNK: Final = 64 * 1024
# A pipe holds at most 1 MiB (64 KiB unless someone asked for more).
_LAST_CHUNKS: Final = 16
# Digits of a process's number.
_NUMBER: Final = 32
# What containerd reports for a container whose command can't be run.
START_ERROR_CODE: Final = 128


class CannotStart(Exception):
    """The command can't be run; the message says why."""


@dataclass(slots=True)
class Running:
    """A container between its start and its end."""

    id: str
    name: str
    folder: Path
    # Its shim: what the keeper waits for in its place.
    process: "subprocess.Popen[bytes]"
    started: Started
    output: int
    log: LogFile
    memory_limit: int | None = None
    cgroup: memory.Cgroup | None = None
    memory_exceeded: bool = False
    abandoned: bool = False

    def copy_output(self) -> bool:
        """Move one chunk of waiting output to the log; False when there is none."""
        try:
            data = os.read(self.output, _CHUNK)
        except BlockingIOError:
            return False
        self.log.write(data)
        return bool(data)

    @property
    def shim(self) -> int:
        """The number of the process that waits for it."""
        return self.process.pid

    def send(self, signum: int) -> None:
        """Signal its main process, which is alive as long as nobody has seen it end."""
        processes.kill(self.started.pid, signum)

    def check_memory(self) -> None:
        """End the container when it holds more than it may."""
        if self.memory_limit is None or self.cgroup is not None:
            return
        if memory.exceeds(self.started.pid, self.memory_limit):
            self.memory_exceeded = True
            processes.kill_group(self.started.pid)

    def finish(self, exit_code: int) -> Ended:
        """Kill what is left of the group, save the last output, write the end down."""
        processes.kill_group(self.started.pid)
        # Bounded, for a process that left the group may still be writing.
        for _ in range(_LAST_CHUNKS):
            if not self.copy_output():
                break
        self.log.close()
        os.close(self.output)
        self.process.returncode = exit_code
        exceeded = self.memory_exceeded or (self.cgroup is not None and self.cgroup.exceeded())
        if self.cgroup is not None:
            self.cgroup.remove()
        ended = Ended(
            exit_code,
            records.timestamp(),
            memory_exceeded=exceeded,
            abandoned=self.abandoned,
        )
        # A full disk costs a later kubelet this knowledge, not this one.
        with contextlib.suppress(OSError):
            records.write_ended(self.folder, self.name, ended)
        return ended


def start(request: Start, *, cgroups: Path | None) -> Running:
    """Start a container in a session of its own.

    CannotStart if its command can't be run, OSError if its log or its record can't be written.
    """
    cgroup = _cgroup(request, cgroups)
    with ExitStack() as undo:
        if cgroup:
            undo.callback(cgroup.remove)
        log = LogFile(Path(request.log), limit=request.log_limit)
        undo.callback(log.close)
        output, end = os.pipe()
        undo.callback(os.close, output)
        os.set_blocking(output, False)
        try:
            process, pid = _spawn(request, end, enter=cgroup.enter if cgroup else None)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise CannotStart(_explained(request, error)) from error
        finally:
            os.close(end)
        undo.callback(processes.kill_group, pid)
        began = Started(pid, processes.start_time(pid), records.timestamp())
        records.write_started(Path(request.folder), request.name, began)
        undo.pop_all()
    return Running(
        request.id,
        request.name,
        Path(request.folder),
        process,
        began,
        output,
        log,
        memory_limit=request.memory_limit,
        cgroup=cgroup,
    )


def _spawn(
    request: Start, output: int, *, enter: Callable[[], None] | None
) -> "tuple[subprocess.Popen[bytes], int]":
    """Return the shim of the container, and the number of its main process."""
    told, tell = os.pipe()
    with os.fdopen(told, "rb", buffering=0) as number:
        try:
            process = subprocess.Popen(
                request.argv,
                cwd=request.cwd,
                env=request.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # So that what is sent to the shim's group reaches neither keeper nor other shims.
                start_new_session=True,
                umask=request.umask,
                # The keeper has one thread only.
                preexec_fn=partial(shim.stand_between, tell, enter=enter),  # noqa: PLW1509
            )
        finally:
            os.close(tell)
        # It ends with the last writer: of a container that was killed before it told its number
        # there is none to wait for.
        if not (said := number.read(_NUMBER)):
            process.kill()
            process.wait()
            raise ChildProcessError(errno.ECHILD, "it ended before it began")
        return process, int(said)


def _cgroup(request: Start, parent: Path | None) -> memory.Cgroup | None:
    if parent is None or request.memory_limit is None:
        return None
    with contextlib.suppress(OSError):
        name = f"podbook-{request.id.replace('/', '-')}"
        return memory.Cgroup(parent / name, limit=request.memory_limit)
    return None


def _explained(request: Start, error: Exception) -> str:
    """Say it in the words that a container runtime uses."""
    command = request.argv[0]
    if isinstance(error, OSError) and error.errno == errno.ENOENT:
        where = (
            "no such file or directory" if "/" in command else "executable file not found in $PATH"
        )
        return f'exec: "{command}": {where}'
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f'exec: "{command}": {str(reason).lower()}'
