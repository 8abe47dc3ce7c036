"""The cluster's long-running programs: started in order, restarted when they die, ended by pid."""

import ctypes
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster import place

_DIE_WITH_PARENT = 1
_libc = ctypes.CDLL(None)


class EndedAtOnce(Exception):
    """A program of the cluster ended while the cluster was starting; holds its last words."""


@dataclass(frozen=True)
class Program:
    """A command line and the sign that the program is of use."""

    name: str
    argv: tuple[str, ...]
    is_ready: Callable[[], bool] = lambda: True
    env: dict[str, str] = field(default_factory=dict)
    # Seconds that it may take to end after it was asked to.
    patience: float = 5


class Processes:
    """Programs in the order of their start; they end in the opposite order."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[Program, subprocess.Popen[bytes]]] = {}

    def start(self, program: Program, *, seconds: float = 240) -> None:
        """Start a program and wait until it is of use."""
        process = self._spawn(program)
        deadline = time.monotonic() + seconds
        while not program.is_ready():
            if process.poll() is not None:
                raise EndedAtOnce(
                    f"{program.name} ended with {process.returncode}: {_tail(program)}"
                )
            if time.monotonic() > deadline:
                raise EndedAtOnce(
                    f"{program.name} is not ready after {seconds} s: {_tail(program)}"
                )
            time.sleep(0.1)

    def restart_the_dead(self) -> None:
        """Start again what ended by itself or was ended by a test."""
        for program, process in list(self._running.values()):
            if process.poll() is not None:
                self._spawn(program)

    def stop(self) -> None:
        """End all of them, the newest first, by force where asking does not help."""
        for program, process in reversed(self._running.values()):
            _end(process, patience=program.patience)
        self._running.clear()

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        with _log(program).open("ab") as log:
            process = subprocess.Popen(
                program.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"PATH": os.environ["PATH"], "HOME": str(place.STATE), **program.env},
                start_new_session=True,
                preexec_fn=_polite_and_mortal,  # noqa: PLW1509 - the keeper has no threads
            )
        self._running[program.name] = (program, process)
        pids = {name: process.pid for name, (_, process) in self._running.items()}
        place.PIDS.write_text(json.dumps(pids))
        return process


def die_with_parent() -> None:
    """End when the process that started this one ends, however it ends."""
    _libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _polite_and_mortal() -> None:
    os.nice(5)
    die_with_parent()


def _end(process: subprocess.Popen[bytes], *, patience: float) -> None:
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _log(program: Program) -> Path:
    return place.LOGS / f"{program.name}.log"


def _tail(program: Program) -> str:
    return "\n".join(_log(program).read_text(errors="replace").splitlines()[-15:])
