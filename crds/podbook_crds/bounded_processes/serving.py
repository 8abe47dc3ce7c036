"""A bounded process from within: requests on stdin, answers on stdout, and the kernel's bounds."""

import json
import logging
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, Final

# Takes what the request's line says and the bytes that follow it; returns the answer's bytes.
Work = Callable[[dict[str, Any], list[bytes]], bytes]

# The first line: what it takes to start counts for no answer.
READY: Final = b"ready\n"
_DETAIL: Final = 500


class Refusal(Exception):
    """Why the work gives no answer, in words for whoever asked."""


def serve(work: Work, *, memory: int, seconds: int) -> None:
    """Answer requests until the input ends; memory in bytes, seconds for one answer.

    A request is a line of JSON, whose "sizes" are those of the parts behind it. An answer is a
    line, {"ok", "size", "last"}, and its bytes; after the last one the process ends. It also ends
    at work that takes too long: nobody else may be left to end it.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What others wrote is full of what libraries warn of.
    logging.disable(logging.CRITICAL)
    source, sink = sys.stdin.buffer, _answers()
    sink.write(READY)
    sink.flush()
    last = False
    while not last and (line := source.readline()):
        request = json.loads(line)
        parts = [source.read(size) for size in request["sizes"]]
        signal.alarm(seconds)
        ok, data = _answer(work, request, parts)
        signal.alarm(0)
        # What an answer took is not given back; the next process begins small.
        last = _peak() > memory // 2
        sink.write(json.dumps({"ok": ok, "size": len(data), "last": last}).encode() + b"\n")
        sink.write(data)
        sink.flush()


def _answers() -> BinaryIO:
    """Return the pipe for answers; what anything prints goes to stderr from now on."""
    sink, sys.stdout = sys.stdout.buffer, sys.stderr
    return sink


def _peak() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _answer(work: Work, request: dict[str, Any], parts: list[bytes]) -> tuple[bool, bytes]:
    try:
        return True, work(request, parts)
    except Refusal as refusal:
        return False, str(refusal).encode("utf-8", "replace")
    except (MemoryError, SystemError):  # The latter is how Python says it, now and then.
        return False, b"it needs more memory than it may take"
    except RecursionError:
        return False, b"it is nested too deeply"
    except Exception as error:
        return False, f"{type(error).__name__}: {error}"[:_DETAIL].encode("utf-8", "replace")
