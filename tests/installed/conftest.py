"""What people install: a wheel and an sdist, built once, and environments with nothing in them."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")

Install = Callable[..., Path]


def pythons(*, at_least: tuple[int, int], below: tuple[int, int] = (4, 0)) -> list[Path]:
    """Return one interpreter for each minor version that this machine has."""
    return [p for v, p in sorted(_by_version().items()) if at_least <= v < below]


@cache
def _by_version() -> dict[tuple[int, int], Path]:
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [*versions.glob("3.*/bin/python3"), *map(Path, filter(None, _on_path()))]
    by_version: dict[tuple[int, int], Path] = {}
    for python in found:
        asked = [str(python), "-c", "import sys, ssl, sqlite3; print(*sys.version_info[:2])"]
        said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
        if len(said) == 2:
            by_version.setdefault((int(said[0]), int(said[1])), python)
    return by_version


def _on_path() -> list[str | None]:
    return [shutil.which(f"python3.{minor}") for minor in range(8, 16)]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run([*command, "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    # As an index's users get it: the wheel is made of the sdist, not of the clone.
    (sdist,) = folder.glob("*.tar.gz")
    shutil.unpack_archive(sdist, folder / "source", filter="data")
    (source,) = folder.joinpath("source").iterdir()
    subprocess.run([*command, "-t", "wheel"], cwd=source, check=True, capture_output=True)
    return folder


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory) -> Install:
    """Makes an empty environment of an interpreter, and installs into it."""

    def installed(python: Path, *what: str) -> Path:
        folder = tmp_path_factory.mktemp("environment")
        _uv("venv", "--quiet", "--clear", "--python", str(python), str(folder))
        _uv("pip", "install", "--quiet", "--python", str(folder / "bin/python"), *what)
        return folder

    return installed


@contextmanager
def kept(python: Path, *what: str, anew: str | None = None) -> Iterator[Path]:
    """Give an environment that was empty before exactly this was installed into it.

    It is kept for later sessions, as to compile a hundred packages takes 20 s; `anew` names what
    is installed again in each, which takes out what it brought the last time.
    """
    asked = [str(python), (ROOT / "pyproject.toml").read_text(), *(w.split("@")[0] for w in what)]
    key = hashlib.sha256("\0".join(asked).encode()).hexdigest()[:16]
    folder = Path.home() / ".cache" / "podbook-tests" / key
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.with_suffix(".made").exists():
            _uv("venv", "--quiet", "--clear", "--python", str(python), str(folder))
            anew = None
        again = ["--reinstall-package", anew] if anew else []
        _uv("pip", "install", "--quiet", "--python", str(folder / "bin/python"), *again, *what)
        folder.with_suffix(".made").touch()
        yield folder


def _uv(*arguments: str) -> None:
    done = subprocess.run(
        [str(UV), *arguments],
        # An environment around the tests must not be mistaken for the one that is meant.
        env={k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
