"""Starts a `podbook up` for the time of one command."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from podbook_cli.exits import BAD_INPUT, BadInput, NoServer

if TYPE_CHECKING:
    from podbook_local.up.data_folder import DataFolder

_READY_SECONDS: Final = 90.0
_STEP_SECONDS: Final = 0.03
_STOP_SECONDS: Final = 10.0


@contextmanager
def own_server(folder: Path, *, data_dir: Path | None, python: Path | None) -> Iterator[str]:
    """Give the URL of a server of one's own; raises NoServer with its last words."""
    from podbook_local.up.data_folder import DataFolder, default_for

    data = DataFolder(data_dir.absolute()) if data_dir else default_for(folder, os.environ)
    command = [
        sys.executable,
        "-P",
        "-m",
        "podbook_cli",
        "up",
        str(folder),
        "--port",
        "0",
        "--quiet",
    ]
    command += ["--data-dir", str(data.path), "--parent", str(os.getpid())]
    command += ["--python", str(python)] if python else []
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Not stopped by the Ctrl-C that ends this command: this command stops it.
        start_new_session=True,
    )
    try:
        yield _url_when_ready(process, data)
    finally:
        _stop(process)


def _url_when_ready(process: "subprocess.Popen[str]", data: "DataFolder") -> str:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = process.stderr.read().strip() if process.stderr else ""
            if process.returncode == BAD_INPUT:
                raise BadInput(said)
            raise NoServer(said or f"podbook up ended with {process.returncode}")
        state = data.read_state()
        if state.get("ready") and state.get("pid") == process.pid:
            return str(state["url"])
        time.sleep(_STEP_SECONDS)
    raise NoServer(f"podbook up was not ready after {_READY_SECONDS:.0f} s")


def _stop(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        # Its guardian ends what it started.
        process.kill()
        process.communicate()
