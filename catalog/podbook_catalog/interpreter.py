"""Chooses the Python that runs the notebooks' kernels."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Asks for the module's place without importing it: an import of ipykernel takes 0.3 s.
_QUESTION: Final = (
    "import importlib.util, json, sys\n"
    "has = all(importlib.util.find_spec(m) for m in ('ipykernel', 'ipykernel_launcher'))\n"
    "print('\\n' + sys.argv[1]"
    " + json.dumps([sys.prefix, '%d.%d.%d' % sys.version_info[:3], has]), flush=True)"
)
# Before the answer: what starts with every Python of a machine may print whatever it likes.
_MARK: Final = "podbook-interpreter "
# Of one on a network drive whose files are read for the first time.
_ANSWER_SECONDS: Final = 60.0
_WORDS_CHARACTERS: Final = 300
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
    # Sentences about those that the rules name before it, and why they were passed over.
    passed_over: tuple[str, ...] = ()


class _NoAnswer(Exception):
    """An interpreter that could not be asked; the message says why."""


@dataclass(frozen=True, slots=True)
class _Answer:
    prefix: str
    version: str
    has_ipykernel: bool


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
    passed_over: list[str] = []
    for path, chosen_by in _offered(environment):
        try:
            answer = _ask(path)
        except _NoAnswer as error:
            passed_over.append(f"{path}, {chosen_by}, is passed over: it {error}")
            continue
        if answer.has_ipykernel:
            return _chosen(path, answer, chosen_by, passed_over)
        passed_over.append(f"{path}, {chosen_by}, is passed over: it has no ipykernel")
    own = _Answer(sys.prefix, "{}.{}.{}".format(*sys.version_info), has_ipykernel=True)
    return _chosen(Path(sys.executable), own, "podbook's own", passed_over)


def _chosen(
    path: Path, answer: _Answer, chosen_by: str, passed_over: Iterable[str] = ()
) -> Interpreter:
    prefix = Path(answer.prefix)
    return Interpreter(path, prefix, answer.version, chosen_by, tuple(passed_over))


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
    try:
        answer = _ask(path)
    except _NoAnswer as error:
        raise NoInterpreter(
            f"{chosen_by}: {path} is no Python that can be run: it {error}"
        ) from error
    if not answer.has_ipykernel:
        raise NoInterpreter(f"{chosen_by}: {path} has no ipykernel; run `{path} {_INSTALL}`")
    return _chosen(path, answer, chosen_by)


def _ask(path: Path) -> _Answer:
    """Return what the Python says of itself; raises _NoAnswer.

    Run from / because `-c` puts the working folder on sys.path, and a notebook's folder may hold
    an ipykernel.py. What it says goes into a file: what starts with it and stays would keep a pipe
    open.
    """
    with tempfile.TemporaryFile() as said:
        try:
            done = subprocess.run(
                [str(path), "-c", _QUESTION, _MARK],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                timeout=_ANSWER_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _NoAnswer(f"did not answer within {_ANSWER_SECONDS:.0f} s") from error
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise _NoAnswer(f"cannot be started: {why}") from error
        said.seek(0)
        return _understood(said.read().decode(errors="replace"), done.returncode)


def _understood(said: str, code: int) -> _Answer:
    for line in reversed(said.splitlines()):
        _, mark, answer = line.partition(_MARK)
        with contextlib.suppress(ValueError, TypeError):
            if mark:
                return _Answer(*json.loads(answer))
    words = said.strip().rpartition("\n")[2][-_WORDS_CHARACTERS:]
    raise _NoAnswer(f"ended with exit code {code}" + (f", saying {words!r}" if words else ""))
