"""Reads what a container leaves as its last words."""

import contextlib
import os
import stat
from pathlib import Path
from typing import Any, Final

# What a kubelet takes: a message per container, the messages of a pod, a tail of the log.
MESSAGE_BYTES: Final = 4096
POD_MESSAGES_BYTES: Final = 12 * 1024
LOG_BYTES: Final = 2048
LOG_LINES: Final = 80


def message(
    container: dict[str, Any], *, file: Path, log: Path, exit_code: int, containers: int = 1
) -> str:
    """Return the termination message, or the end of the log where the policy says so.

    `containers` is how many the pod has: together they get at most 12 KiB.
    """
    limit = min(MESSAGE_BYTES, POD_MESSAGES_BYTES // containers)
    if text := _head(file, limit):
        return text
    policy = container.get("terminationMessagePolicy", "File")
    if exit_code and policy == "FallbackToLogsOnError":
        return _tail(log)
    return ""


def _head(path: Path, limit: int) -> str:
    """Read a regular file's beginning; the container may have put anything else there."""
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            if stat.S_ISREG(os.fstat(fd).st_mode):
                return file.read(limit).decode(errors="ignore")
    return ""


def _tail(path: Path) -> str:
    with contextlib.suppress(OSError), path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LOG_BYTES))
        lines = file.read().decode(errors="ignore").splitlines(keepends=True)
        return "".join(lines[-LOG_LINES:])
    return ""
