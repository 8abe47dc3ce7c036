"""Reads one module of shared models in a process of its own, which cannot hold anything up."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from podbook_crds.resources.notebook import SharedModel

# The script runs in the interpreter of the notebooks, which needs nothing of Podbook installed; it
# stands beside what such a notebook imports.
_SDK: Final = find_spec("podbook")
_SCRIPT: Final = Path(str(_SDK and _SDK.origin)).with_name("read_models.py")
LIMIT_SECONDS: Final = 60.0

Models = dict[str, SharedModel]


class ModelReading:
    """A reading that goes on in the background until it ends, is stopped, or takes too long."""

    def __init__(
        self, module: str, *, python: Path, folder: Path, environment: Mapping[str, str]
    ) -> None:
        """Start the interpreter in the folder, which is where the module is looked for first."""
        self._module = module
        self._ends = time.monotonic() + LIMIT_SECONDS
        self._answer: Models | str | None = None
        # Of what was imported on the way, wherever it is.
        self.files: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        # No pipe: what the module starts and leaves running would keep it open.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (closed when the reading ends)
        try:
            self._process = subprocess.Popen(
                [os.fspath(python), os.fspath(_SCRIPT), os.fspath(folder), module],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            self._end(f"{module}: {python} cannot be started: {error}")

    def wait(self, seconds: float) -> Models | str | None:
        """Return the models, or what is wrong with them; None where it takes longer than that."""
        if self._process is None or self._answer is not None:
            return self._answer
        rest = self._ends - time.monotonic()
        try:
            status = self._process.wait(max(0.0, min(seconds, rest)))
        except subprocess.TimeoutExpired:
            if time.monotonic() >= self._ends:
                self._end(f"{self._module}: its import does not end within {LIMIT_SECONDS:.0f} s")
        else:
            self._end(self._read(status))
        return self._answer

    def kill(self) -> None:
        """Kill the process and what the module started; may be called by any thread."""
        if self._process is not None and self._answer is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Kill it and clear up after it."""
        self.kill()
        self.wait(LIMIT_SECONDS)

    def _end(self, answer: Models | str) -> None:
        self.kill()
        self._answer = answer
        self._said.close()
        if self._process is not None:
            self._process.wait()

    def _read(self, status: int) -> Models | str:
        self._said.seek(0)
        try:
            # Its last line: what starts with every Python of a machine may print before it.
            answer: dict[str, Any] = json.loads(self._said.read().splitlines()[-1])
        except (ValueError, IndexError):
            return f"{self._module}: importing it ends Python itself, with {_ended(status)}"
        if "error" in answer:
            return str(answer["error"])
        self.files = answer["files"]
        models = answer["models"].items()
        return {alias: SharedModel.model_validate(model) for alias, model in models}


def _ended(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    with contextlib.suppress(ValueError):
        return f"signal {signal.Signals(-status).name}"
    return f"signal {-status}"
