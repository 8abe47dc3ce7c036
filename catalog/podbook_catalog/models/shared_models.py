"""Keeps the models that contracts share, read with the kernel's own interpreter."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from podbook_catalog.interpreter import Interpreter
from podbook_catalog.models.model_reading import ModelReading, Models

# What hangs may keep a pass over the folder waiting so long, all of it together.
PATIENCE_SECONDS: Final = 5.0

# A folder, a module that is looked for there first, and where it is looked for next.
_Key = tuple[Path, str, str]
# The same folder, seen from the catalog's; the module; the python_path of the notebooks.
FoundBy = tuple[str, str, tuple[str, ...]]


class BrokenModels(ValueError):
    """The shared models cannot be read; the message says which module and why."""


def place_of(root: Path, folder: PurePosixPath, module: str) -> str:
    """Return where the module is looked for first: one answer for all who find the same file."""
    path = root / folder / module.split(".", maxsplit=1)[0]
    is_there = path.with_suffix(".py").exists() or path.is_dir()
    return folder.as_posix() if is_there and folder != PurePosixPath() else ""


def together(modules: Iterable[tuple[str, Models]]) -> Models:
    """Return the models of several modules by alias; raises BrokenModels where two claim one."""
    found: Models = {}
    claimed: dict[str, str] = {}
    for module, models in modules:
        for alias in models.keys() & found.keys():
            raise BrokenModels(
                f"the alias {alias!r} is claimed by two modules, {claimed[alias]} and {module};"
                " rename one of the aliases"
            )
        found |= models
        claimed |= dict.fromkeys(models, module)
    return found


@dataclass(slots=True)
class SharedModels:
    """The models of a catalog, read at most once for each folder that has its own.

    A module that takes longer is read in the background: until it ends, what it said the last
    time holds, and the other notebooks do not wait for it.
    """

    root: Path
    interpreter: Interpreter
    environment: Mapping[str, str]
    modules: list[str] = field(default_factory=lambda: ["models"])
    # Seconds; who reads a folder only once has nothing else to do meanwhile.
    patience: float = PATIENCE_SECONDS
    # What was read so far, with the catalog's files that it was made of.
    found: dict[FoundBy, tuple[Models, list[str]]] = field(default_factory=dict)
    _readings: dict[_Key, ModelReading] = field(default_factory=dict)
    _last: dict[_Key, Models | str] = field(default_factory=dict)
    # Of this pass: what was still being read when it was looked at.
    _awaited: set[_Key] = field(default_factory=set)
    _patience: float = PATIENCE_SECONDS
    _closed: bool = False

    def __post_init__(self) -> None:
        """Be as patient in the first pass as in every later one."""
        self._patience = self.patience

    def begin(self, modules: list[str]) -> None:
        """Read everything anew: a file may have changed that any of the modules imports."""
        for reading in self._readings.values():
            reading.stop()
        self._readings.clear()
        self._awaited.clear()
        self.modules = modules
        self._patience = self.patience

    def begin_again(self) -> None:
        """Begin a pass over what did not change: what is being read goes on."""
        self._awaited.clear()

    @property
    def is_waiting(self) -> bool:
        """Tell whether the pass saw a module that was still being read."""
        return bool(self._awaited)

    @property
    def has_news(self) -> bool:
        """Tell whether one of those has ended since."""
        return any(self._readings[key].wait(0) is not None for key in self._awaited)

    def close(self) -> None:
        """End what is being read, and read nothing more; may be called by any thread."""
        self._closed = True
        for reading in list(self._readings.values()):
            reading.kill()

    def read(self, folder: PurePosixPath, python_path: list[str]) -> Models:
        """Return the models for notebooks in the folder, by alias; raises BrokenModels.

        A module is looked for in the notebook's folder, the catalog's root, python_path (relative
        to the root) and the interpreter's own environment, as a run finds it.
        """
        return together(self._each(folder, python_path))

    def _each(self, folder: PurePosixPath, python_path: list[str]) -> Iterator[tuple[str, Models]]:
        others = os.pathsep.join(str(path) for path in (self.root, *self._below(python_path)))
        for module in self.modules:
            place = place_of(self.root, folder, module)
            key = (self.root / place, module, others)
            models = self._models(key)
            if isinstance(models, str):
                raise BrokenModels(models)
            files = self._below_root(self._readings[key].files)
            self.found[place, module, tuple(python_path)] = models, files
            yield module, models

    def _below_root(self, files: list[str]) -> list[str]:
        """Return those of the catalog, seen from its folder."""
        paths = [Path(file) for file in files]
        inside = [path for path in paths if path.is_relative_to(self.root)]
        return sorted({path.relative_to(self.root).as_posix() for path in inside})

    def _below(self, python_path: list[str]) -> list[Path]:
        return [self.root / path for path in python_path]

    def _models(self, key: _Key) -> Models | str:
        if self._closed:
            return f"{key[1]}: not read, as everything is ending"
        if key not in self._readings:
            self._readings[key] = self._reading(*key)
        began = time.monotonic()
        answer = self._readings[key].wait(self._patience)
        if answer is not None:
            self._last[key] = answer
            return answer
        self._patience = max(0.0, self._patience - (time.monotonic() - began))
        self._awaited.add(key)
        said = f"{key[1]}: importing it takes long; the notebook is served when it has been read"
        return self._last.get(key, said)

    def _reading(self, place: Path, module: str, others: str) -> ModelReading:
        paths = [others, self.environment.get("PYTHONPATH", "")]
        environment = {**self.environment, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        return ModelReading(
            module, python=self.interpreter.path, folder=place, environment=environment
        )
