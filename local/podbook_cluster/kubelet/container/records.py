"""Writes and reads what must be known about a container after a crash: how it began and ended."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

# Container names are DNS labels: they hold no dot.
_END_SUFFIX: Final = ".ended.json"


@dataclass(frozen=True, slots=True)
class Started:
    """A container's main process; the pid is also its session and its process group."""

    pid: int
    # Field 22 of /proc/PID/stat: with it a pid that was given to another process is recognised.
    # None where there is no /proc.
    start_time: int | None
    started_at: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a container's main process; a signal counts as 128 + its number."""

    exit_code: int
    finished_at: str
    memory_exceeded: bool = False
    # The keeper ended it, because no kubelet came back.
    abandoned: bool = False
    # Why the command could not be run at all; empty if it was.
    start_error: str = ""


def timestamp() -> str:
    """Return the time now as Kubernetes writes it, in whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def claim_start(folder: Path, name: str) -> bool:
    """Reserve the one start of a container; False if it was started before."""
    try:
        os.close(os.open(_start_file(folder, name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def write_started(folder: Path, name: str, started: Started) -> None:
    """Keep how a container began."""
    _write(_start_file(folder, name), asdict(started))


def write_ended(folder: Path, name: str, ended: Ended) -> None:
    """Keep how a container ended."""
    _write(_end_file(folder, name), asdict(ended))


def was_claimed(folder: Path, name: str) -> bool:
    """Whether a start of this container was ever attempted."""
    return _start_file(folder, name).exists()


def started_names(folder: Path) -> list[str]:
    """Return the containers that were ever started."""
    files = (file.name for file in folder.glob("*.json"))
    return [name.removesuffix(".json") for name in files if not name.endswith(_END_SUFFIX)]


def read_started(folder: Path, name: str) -> Started | None:
    """Return how a container began, None if it did not or nobody wrote it down."""
    fields = _read(_start_file(folder, name))
    return Started(**fields) if fields else None


def read_ended(folder: Path, name: str) -> Ended | None:
    """Return how a container ended, None if it did not or nobody saw it."""
    fields = _read(_end_file(folder, name))
    return Ended(**fields) if fields else None


def _start_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"


def _end_file(folder: Path, name: str) -> Path:
    return folder / f"{name}{_END_SUFFIX}"


def _write(path: Path, fields: Mapping[str, Any]) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(fields))
    draft.replace(path)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        text = path.read_text()
    except FileNotFoundError:
        return None
    return dict(json.loads(text)) if text else None
