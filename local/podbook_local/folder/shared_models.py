"""Reads the models that contracts share, with the kernel's own interpreter."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

import podbook
from podbook_crds.notebook import SharedModel
from podbook_local.interpreter import Interpreter

# The script runs in the interpreter of the notebooks: it needs nothing of Podbook installed.
_SCRIPT: Final = Path(podbook.__file__).with_name("read_models.py")
_READ_SECONDS: Final = 60


Models = dict[str, SharedModel]


class BrokenModels(ValueError):
    """The shared models cannot be read; the message says which module and why."""


@dataclass(slots=True)
class SharedModels:
    """The models of a catalog, read at most once for each folder that has its own."""

    root: Path
    modules: list[str]
    interpreter: Interpreter
    environment: Mapping[str, str]
    _known: dict[tuple[Path, str, str], Models | str] = field(default_factory=dict)

    def read(self, folder: PurePosixPath, python_path: list[str]) -> Models:
        """Return the models for notebooks in the folder, by alias; raises BrokenModels.

        A module is looked for in the notebook's folder, the catalog's root, python_path (relative
        to the root) and the interpreter's own environment, as a run finds it.
        """
        found: Models = {}
        others = os.pathsep.join(str(path) for path in (self.root, *self._below(python_path)))
        for module in self.modules:
            # One answer for all notebooks that find the same file.
            place = self.root / folder if self._has(folder, module) else self.root
            key = (place, module, others)
            if key not in self._known:
                self._known[key] = self._ask(*key)
            models = self._known[key]
            if isinstance(models, str):
                raise BrokenModels(models)
            for alias in models.keys() & found.keys():
                raise BrokenModels(f"the alias {alias!r} stands in two modules; rename one")
            found |= models
        return found

    def _has(self, folder: PurePosixPath, module: str) -> bool:
        path = self.root / folder / module.split(".", maxsplit=1)[0]
        return path.with_suffix(".py").exists() or path.is_dir()

    def _below(self, python_path: list[str]) -> list[Path]:
        return [self.root / path for path in python_path]

    def _ask(self, place: Path, module: str, others: str) -> Models | str:
        command = [str(self.interpreter.path), str(_SCRIPT), str(place), module]
        paths = [others, self.environment.get("PYTHONPATH", "")]
        environment = {**self.environment, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        try:
            done = subprocess.run(
                command,
                cwd=place,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_READ_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"{module}: reading the models took more than {_READ_SECONDS} s"
        except OSError as error:
            return f"{module}: {self.interpreter.path} cannot be started: {error}"
        return _models_in(done.stdout, done.stderr, module)


def _models_in(said: str, complained: str, module: str) -> Models | str:
    try:
        answer: dict[str, Any] = json.loads(said)
    except ValueError:
        last_words = complained.strip().splitlines()[-1:] or ["no answer"]
        return f"{module}: the models cannot be read: {last_words[0]}"
    if "error" in answer:
        return str(answer["error"])
    models = answer["models"].items()
    return {alias: SharedModel.model_validate(model) for alias, model in models}
