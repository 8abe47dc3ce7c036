"""Asks uv, the only one who knows it: locks requirements, and makes environments of locks."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# An index may be far away, and a wheel large.
_SECONDS: Final = 900
_WORDS: Final = 1000


class CannotMake(ValueError):
    """An environment cannot be made; the message says why, in uv's own words."""


class Uv:
    """The program, as it is found."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {k: v for k, v in environment.items() if k != "VIRTUAL_ENV"}

    def python(self, wanted: str, usual: Path) -> Path:
        """Return an interpreter that is installed and will do; the usual one where any will."""
        if not wanted:
            return usual
        return Path(self._said("python", "find", "--no-python-downloads", "--system", wanted))

    def about(self, python: Path) -> str:
        """Return version and platform of an interpreter, on which a lock depends."""
        question = "import sys, sysconfig\nprint(*sys.version_info[:3], sysconfig.get_platform())"
        done = subprocess.run(
            [python, "-c", question], capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode:
            raise CannotMake(f"{python} cannot be asked for its version")
        return done.stdout.strip()

    def lock(self, requirements: tuple[str, ...], python: Path) -> str:
        """Return exact versions of all that is needed, with their hashes."""
        return self._said(
            *("pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--no-annotate"),
            *("--no-emit-index-url", "--no-emit-find-links", "--python", str(python), "-"),
            given="\n".join(requirements),
        )

    def lock_anywhere(self, requirements: tuple[str, ...], python: str) -> str:
        """Return the same for every platform, for that version of Python and later ones."""
        return self._said(
            *("pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--no-annotate"),
            *("--no-emit-index-url", "--no-emit-find-links", "--universal"),
            *("--python-version", python, "-"),
            given="\n".join(requirements),
        )

    def make(self, folder: Path, lock: Path, python: Path) -> None:
        """Make the environment anew; what an earlier try left there goes."""
        self._said("venv", "--quiet", "--clear", "--python", str(python), str(folder))
        self._said(
            *("pip", "install", "--quiet", "--require-hashes", "--compile-bytecode"),
            *("--python", str(folder / "bin" / "python"), "-r", str(lock)),
        )

    def _said(self, *arguments: str, given: str = "") -> str:
        try:
            done = subprocess.run(
                [_program(self._environment), *arguments],
                cwd="/",  # No pyproject.toml or uv.toml of whoever stands around.
                env={**self._environment, "UV_NO_PROGRESS": "1"},
                input=given,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CannotMake(f"uv was not done within {_SECONDS} s") from error
        except OSError as error:
            raise CannotMake(f"uv cannot be started: {error.strerror}") from error
        if done.returncode:
            raise CannotMake(f"uv says: {done.stderr.strip()[-_WORDS:]}")
        return done.stdout.strip()


def _program(environment: Mapping[str, str]) -> str:
    beside = Path(sys.executable).with_name("uv")
    if beside.is_file():
        return str(beside)
    found = shutil.which("uv", path=environment.get("PATH", os.defpath))
    if found is None:
        raise CannotMake("uv is not installed, which makes environments: `pip install uv`")
    return found
