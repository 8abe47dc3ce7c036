"""Writes a file in one step: whoever reads it meanwhile reads the text before or the one after."""

import os
from pathlib import Path


def write_whole(path: Path, text: str, *, mode: int = 0o666, newline: str | None = None) -> None:
    """Write the text beside the path, and rename it; what is killed on the way leaves the former.

    mode is the file's, less what the process' umask takes; newline is as of open().
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(fresh, flags, mode), "w", encoding="utf-8", newline=newline) as file:
        file.write(text)
    fresh.replace(path)
