"""Makes the folder that is first on PATH in every pod: which `python` runs a kernel."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def write(folder: Path, *, python: Path) -> None:
    """Write `python` and `python3` for the chosen interpreter, `podbook-runner` for Podbook's own.

    Scripts, not links: a link into a virtual environment finds the wrong packages.
    """
    runner = [sys.executable, "-P", "-m", "podbook_runner"]
    write_wrappers(
        folder, {"python": [str(python)], "python3": [str(python)], "podbook-runner": runner}
    )


def write_wrappers(folder: Path, commands: Mapping[str, Sequence[str]]) -> None:
    """Write one script per name, each running its command with the arguments it is given."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, command in commands.items():
        draft = folder / f".{name}"
        draft.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
        draft.chmod(0o700)
        draft.replace(folder / name)
