"""Finds the kernels that are installed on this machine, by the names that notebooks use."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

# Every notebook made with the plain Python kernel says one of these: they mean the chosen
# interpreter, whatever a kernelspec of that name in the home folder starts.
DEFAULT_NAMES: Final = frozenset({"python3", "python", "python2"})


@dataclass(frozen=True, slots=True)
class KernelSpec:
    """How a kernel is started; {connection_file} in argv stands for the connection file."""

    argv: list[str]
    language: str
    env: dict[str, str] = field(default_factory=dict)


def find(name: str, *, prefix: Path, environment: Mapping[str, str]) -> KernelSpec | None:
    """Return the kernelspec of that name, or None where none is installed.

    Looked for where Jupyter does: JUPYTER_PATH, the user's data folder, the interpreter's prefix,
    the system's. A file that cannot be read is as good as none.
    """
    for folder in _folders(prefix, environment):
        # Names are case-insensitive in Jupyter, the folders in lower case.
        for spelling in dict.fromkeys((name, name.lower())):
            spec = _read(folder / "kernels" / spelling / "kernel.json")
            if spec is not None:
                return spec
    return None


def installed(*, prefix: Path, environment: Mapping[str, str]) -> dict[str, KernelSpec]:
    """Return every kernelspec that `find` would find by its folder's name, plain Python's left out.

    A folder that cannot be read holds none.
    """
    found: dict[str, KernelSpec] = {}
    for folder in _folders(prefix, environment):
        for path in sorted((folder / "kernels").glob("*/kernel.json")):
            name, spec = path.parent.name, _read(path)
            if spec is not None and name not in DEFAULT_NAMES:
                found.setdefault(name, spec)
    return found


def _read(path: Path) -> KernelSpec | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        argv = [str(word).replace("{resource_dir}", str(path.parent)) for word in values["argv"]]
        env = {str(key): str(value) for key, value in (values.get("env") or {}).items()}
        return KernelSpec(argv, str(values.get("language", "")).lower(), env)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _folders(prefix: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    if path := environment.get("JUPYTER_PATH"):
        yield from map(Path, path.split(os.pathsep))
    yield _user_folder(environment)
    yield prefix / "share" / "jupyter"
    yield Path("/usr/local/share/jupyter")
    yield Path("/usr/share/jupyter")


def _user_folder(environment: Mapping[str, str]) -> Path:
    if folder := environment.get("JUPYTER_DATA_DIR"):
        return Path(folder)
    home = Path(environment.get("HOME", "/"))
    if sys.platform == "darwin":
        return home / "Library" / "Jupyter"
    data = environment.get("XDG_DATA_HOME")
    return (Path(data) if data else home / ".local" / "share") / "jupyter"
