"""Keeps the environments that notebooks need: one for each lock, shared, read-only.

    ENVIRONMENTS/locks/KEY.txt      what the needs were resolved to; read again at every later start
    ENVIRONMENTS/HASH/              an environment; HASH.made says that it is whole

Made in the background: the other notebooks do not wait for it.
"""

import fcntl
import hashlib
import os
import stat
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from podbook_catalog.environments.needs import Needs
from podbook_catalog.environments.uv import CannotMake, Uv
from podbook_crds.formats import digests

# What one pass over the folder may wait for them, all together.
_PATIENCE_SECONDS: Final = 2.0


class NoEnvironment(ValueError):
    """It is not there, or not yet; the message says why."""


def environments_folder(environment: Mapping[str, str]) -> Path:
    """Return where all of a user's are: they are a cache, by the XDG rules."""
    if os.path.isabs(given := environment.get("XDG_CACHE_HOME", "")):
        return Path(given, "podbook", "environments")
    return Path(environment.get("HOME", "/"), ".cache", "podbook", "environments")


@dataclass(frozen=True, slots=True)
class Made:
    """An environment that kernels can run in."""

    python: Path
    # sha256:… of the lock, the Python and the platform: what a run's receipt names.
    lock: str


class Environments:
    """Those of one `podbook up`; several share the folder."""

    def __init__(self, folder: Path, python: Path, environment: Mapping[str, str]) -> None:
        self._folder, self._python = folder, python
        self._uv = Uv(environment)
        self._made: dict[str, Made | str] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._awaited: set[str] = set()
        self._patience = _PATIENCE_SECONDS

    def begin(self, *, changed: bool) -> None:
        """Begin a pass; what went wrong is tried again where something changed."""
        self._awaited.clear()
        self._patience = _PATIENCE_SECONDS
        if changed:
            self._made = {key: made for key, made in self._made.items() if isinstance(made, Made)}

    @property
    def is_waiting(self) -> bool:
        """Tell whether the pass saw one that was still being made."""
        return bool(self._awaited)

    @property
    def has_news(self) -> bool:
        """Tell whether one of those has ended since."""
        return any(key in self._made for key in self._awaited)

    def get(self, needs: Needs) -> Made:
        """Return the environment; raises NoEnvironment where it is still being made, or cannot."""
        if needs.key not in self._made and needs.key not in self._threads:
            # A daemon: what it leaves unfinished is made anew the next time.
            thread = threading.Thread(target=self._make, args=(needs,), daemon=True)
            self._threads[needs.key] = thread
            thread.start()
        if (thread := self._threads.get(needs.key)) is not None:  # type: ignore[assignment]
            began = time.monotonic()
            thread.join(self._patience)
            self._patience = max(0.0, self._patience - (time.monotonic() - began))
        found = self._made.get(needs.key)
        if found is None:
            self._awaited.add(needs.key)
            raise NoEnvironment(f"its environment is being made ({needs.words}); wait a moment")
        if isinstance(found, str):
            raise NoEnvironment(f"its environment ({needs.words}) cannot be made: {found}")
        return found

    def _make(self, needs: Needs) -> None:
        try:
            self._made[needs.key] = self._whole(needs)
        except (CannotMake, OSError) as error:
            self._made[needs.key] = str(error)
        finally:
            self._threads.pop(needs.key, None)

    def _whole(self, needs: Needs) -> Made:
        python = self._uv.python(needs.python, self._python)
        about = self._uv.about(python)
        locks = self._folder / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        # Another that asks for the same, in another process, waits for this one.
        with (self._folder / "lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            lock = locks / f"{_hash(needs.key, about)}.txt"
            if not lock.exists():
                fresh = lock.with_suffix(".new")
                fresh.write_text(self._uv.lock(needs.requirements, python) + "\n")
                fresh.replace(lock)
            name = _hash(lock.read_text(), about)
            folder, mark = self._folder / name[:32], self._folder / f"{name[:32]}.made"
            if not mark.exists():
                _writable(folder)
                self._uv.make(folder, lock, python)
                _read_only(folder)
                mark.touch()
        return Made(folder / "bin" / "python", digests.written(name))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _read_only(folder: Path) -> None:
    """Let no cell change what other notebooks run in."""
    for path in _below(folder):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)


def _writable(folder: Path) -> None:
    """Let what an interrupted making left be made anew."""
    for path in _below(folder):
        path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o200)


def _below(folder: Path) -> list[Path]:
    found = [folder] if folder.is_dir() else []
    for parent, folders, files in os.walk(folder):
        found += [Path(parent, name) for name in (*folders, *files)]
    return [path for path in found if not path.is_symlink()]
