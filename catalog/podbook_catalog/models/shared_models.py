"""Keeps the models that contracts share, read with the kernel's own interpreter."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from podbook_catalog.interpreter import Interpreter
from podbook_catalog.models.model_reading import ModelReading, Models

# What hangs may keep a pass over the folder waiting so long, all of it together.
PATIENCE_SECONDS: Final = 5.0

# A folder, a module that is looked for there first, and where it is looked for next.
_Key = tuple[Path, str, str]


class BrokenModels(ValueError):
    """The shared models cannot be read; the message says which module and why."""


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
        found: Models = {}
        claimed: dict[str, str] = {}
        others = os.pathsep.join(str(path) for path in (self.root, *self._below(python_path)))
        for module in self.modules:
            # One answer for all notebooks that find the same file.
            place = self.root / folder if self._has(folder, module) else self.root
            models = self._models((place, module, others))
            if isinstance(models, str):
                raise BrokenModels(models)
            for alias in models.keys() & found.keys():
                raise BrokenModels(
                    f"the alias {alias!r} is claimed by two modules, {claimed[alias]} and {module};"
                    " rename one of the aliases"
                )
            found |= models
            claimed |= dict.fromkeys(models, module)
        return found

    def _has(self, folder: PurePosixPath, module: str) -> bool:
        path = self.root / folder / module.split(".", maxsplit=1)[0]
        return path.with_suffix(".py").exists() or path.is_dir()

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
