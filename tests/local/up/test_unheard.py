"""`podbook up` whose words nobody reads any more."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from rig.ipynb import notebook
from rig.running import descendants
from rig.until import eventually

COMMAND = [sys.executable, "-m", "podbook_cli", "up", "--python", sys.executable, "--port", "0"]


def test_it_goes_on_when_its_reader_has_had_enough(tmp_path: Path) -> None:
    """As with `podbook up | head -1`."""
    catalog, data = tmp_path / "notebooks", tmp_path / "data"
    catalog.mkdir()
    (catalog / "one.ipynb").write_text(json.dumps(notebook("1")))
    process = subprocess.Popen(
        [*COMMAND, str(catalog), "--data-dir", str(data)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        process.stdout.readline()
        process.stdout.close()
        state = eventually(lambda: _ready(data), "it is ready", seconds=90)
        first = state["parts"]["api"]
        # Its end is told, to nobody.
        os.kill(first, signal.SIGKILL)
        eventually(lambda: _api(process.pid) - {first}, "there is another API", seconds=90)
        eventually(lambda: _answers(state["url"]), "it answers", seconds=90)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)

    assert process.returncode == 0


def _api(supervisor: int) -> set[int]:
    lines = descendants(supervisor)
    return {pid for pid, line in lines.items() if "-m podbook_api" in line}


def _ready(data: Path) -> dict[str, Any] | None:
    file = data / "state.json"
    state: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return state if state.get("ready") else None


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", trust_env=False, timeout=10).is_success
    except httpx.HTTPError:
        return False
