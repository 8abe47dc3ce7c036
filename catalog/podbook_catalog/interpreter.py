"""Chooses the Python that runs the notebooks' kernels."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Asks for the module's place without importing it: an import of ipykernel takes 0.3 s.
_QUESTION: Final = (
    "import importlib.util, json, sys\n"
    "has = all(importlib.util.find_spec(m) for m in ('ipykernel', 'ipykernel_launcher'))\n"
    "print(json.dumps([sys.prefix, '%d.%d.%d' % sys.version_info[:3], has]))"
)
_ANSWER_SECONDS: Final = 10
_INSTALL: Final = "-m pip install ipykernel"


class NoInterpreter(ValueError):
    """The Python that was asked for cannot run kernels; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that runs kernels."""

    path: Path
    prefix: Path
    version: str
    # Which rule chose it, in words.
    chosen_by: str


def choose(
    root: Path, *, option: Path | None, setting: str | None, environment: Mapping[str, str]
) -> Interpreter:
    """Return the interpreter: the first that the rules name.

    `--python`, then `python` in podbook.toml (relative to the folder): without ipykernel they
    raise NoInterpreter. Then the active virtual or conda environment, then python3 on PATH, each
    if it has ipykernel; else the one that Podbook itself runs in.
    """
    if option is not None:
        return _demanded(option.absolute(), "--python")
    if setting is not None:
        return _demanded(root / Path(setting).expanduser(), "podbook.toml")
    for path, chosen_by in _offered(environment):
        answer = _ask(path)
        if answer is not None and answer[2]:
            return Interpreter(path, Path(answer[0]), answer[1], chosen_by)
    version = "{}.{}.{}".format(*sys.version_info)
    return Interpreter(Path(sys.executable), Path(sys.prefix), version, "podbook's own")


def _offered(environment: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    for variable, words in (
        ("VIRTUAL_ENV", "the active virtual environment"),
        ("CONDA_PREFIX", "the active conda environment"),
    ):
        if environment.get(variable):
            yield Path(environment[variable], "bin", "python"), words
    if found := shutil.which("python3", path=environment.get("PATH", os.defpath)):
        yield Path(found), "python3 on PATH"


def _demanded(path: Path, chosen_by: str) -> Interpreter:
    answer = _ask(path)
    if answer is None:
        raise NoInterpreter(f"{chosen_by}: {path} is no Python that can be run")
    prefix, version, has_ipykernel = answer
    if not has_ipykernel:
        raise NoInterpreter(f"{chosen_by}: {path} has no ipykernel; run `{path} {_INSTALL}`")
    return Interpreter(path, Path(prefix), version, chosen_by)


def _ask(path: Path) -> tuple[str, str, bool] | None:
    """Return prefix, version and whether it has ipykernel; None where it is no Python.

    Run from / because `-c` puts the working folder on sys.path, and a notebook's folder may hold
    an ipykernel.py.
    """
    command = [str(path), "-c", _QUESTION]
    try:
        done = subprocess.run(
            command, cwd="/", capture_output=True, timeout=_ANSWER_SECONDS, check=True
        )
        prefix, version, has_ipykernel = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return prefix, version, has_ipykernel
