"""One answer of a bounded process for who has no event loop, and may have to leave off waiting."""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import IO, Any, Final

from podbook_crds.bounded_processes.pool import TooLong
from podbook_crds.bounded_processes.process import (
    START_SECONDS,
    Ended,
    Part,
    Refused,
    command,
    environment,
    request,
)
from podbook_crds.bounded_processes.serving import READY

_LOOK_SECONDS: Final = 0.02


class Stopped(Exception):
    """Nobody needs the answer any more."""


def ask(
    module: str,
    said: dict[str, Any],
    *parts: Part,
    memory: int,
    seconds: float,
    is_stopped: Callable[[], bool] = bool,
) -> bytes:
    """Return the answer; raise Refused, Ended, TooLong, or Stopped once is_stopped says so."""
    with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as answer:
        question.write(request(said, parts))
        question.seek(0)
        process = subprocess.Popen(
            command(module, memory=memory, seconds=int(seconds) + 1),
            stdin=question,
            stdout=answer,
            env=environment(),
            start_new_session=True,
        )
        try:
            _await(process, START_SECONDS, is_stopped, is_met=lambda: _has_begun(answer))
            _await(process, seconds, is_stopped)
        finally:
            process.kill()
            process.wait()
        answer.seek(len(READY))
        return _read(answer.readline(), answer.read())


def _await(
    process: "subprocess.Popen[bytes]",
    seconds: float,
    is_stopped: Callable[[], bool],
    *,
    is_met: Callable[[], bool] = bool,
) -> None:
    """Return at the process's end, or once is_met says so."""
    ends = time.monotonic() + seconds
    while process.poll() is None and not is_met():
        if is_stopped():
            raise Stopped
        if time.monotonic() >= ends:
            raise TooLong(f"it takes longer than {seconds:g} s")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_SECONDS)


def _has_begun(answer: IO[bytes]) -> bool:
    return os.fstat(answer.fileno()).st_size > 0


def _read(line: bytes, data: bytes) -> bytes:
    try:
        said = json.loads(line)
        is_whole, is_answer = len(data) == said["size"], said["ok"]
    except (ValueError, KeyError, TypeError) as error:
        raise Ended(str(error)) from error
    if not is_whole:
        raise Ended("the answer is not whole")
    if not is_answer:
        raise Refused(data.decode("utf-8", "replace"))
    return data
