"""Reads the models that contracts share, with the kernel's own interpreter."""

import json
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


class BrokenModels(ValueError):
    """The shared models cannot be read; the message says which module and why."""


@dataclass(slots=True)
class SharedModels:
    """The models of a catalog, read at most once for each folder that has its own."""

    root: Path
    modules: list[str]
    interpreter: Interpreter
    environment: Mapping[str, str]
    _read: dict[tuple[str, ...], dict[str, SharedModel] | str] = field(default_factory=dict)

    def read(self, folder: PurePosixPath, python_path: list[str]) -> dict[str, SharedModel]:
        """Return the models for notebooks in the folder, by alias; raises BrokenModels.

        Modules are looked for in the notebook's folder, the catalog's root, python_path (relative
        to the root) and the interpreter's own environment, as a run finds them.
        """
        places = [self.root / folder, self.root, *(self.root / path for path in python_path)]
        key = tuple(dict.fromkeys(str(place) for place in places))
        if key not in self._read:
            self._read[key] = self._ask(key)
        found = self._read[key]
        if isinstance(found, str):
            raise BrokenModels(found)
        return found

    def _ask(self, places: tuple[str, ...]) -> dict[str, SharedModel] | str:
        command = [str(self.interpreter.path), str(_SCRIPT), *self.modules]
        for place in places:
            command += ["--path", place]
        try:
            done = subprocess.run(
                command,
                cwd=self.root,
                env=dict(self.environment),
                capture_output=True,
                text=True,
                timeout=_READ_SECONDS,
                check=False,
            )
            answer: dict[str, Any] = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            return f"reading {', '.join(self.modules)} took more than {_READ_SECONDS} s"
        except (OSError, ValueError):
            last_words = done.stderr.strip().splitlines()[-1:] or ["no answer"]
            return f"{', '.join(self.modules)} cannot be read: {last_words[0]}"
        if answer.get("problems"):
            return "; ".join(answer["problems"])
        models = answer["models"].items()
        return {alias: SharedModel.model_validate(model) for alias, model in models}
