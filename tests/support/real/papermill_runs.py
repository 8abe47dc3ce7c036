"""Runs notebooks of a folder by papermill, beside each other: `papermill_runs FOLDER RUNS.json`."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import papermill

AT_ONCE = 2
# Seconds: papermill's own 60 and 4 are too few on a busy machine.
PATIENCE = {"start_timeout": 300, "iopub_timeout": 300}


def main(folder: Path, runs: Path) -> None:
    """Leave NAME.out.ipynb of each run in the folder; print what each raised as one JSON object."""
    os.chdir(folder)
    asked: dict[str, dict[str, Any]] = json.loads(runs.read_text())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        raised = dict(zip(asked, pool.map(_runs, asked, asked.values()), strict=True))
    sys.stdout.write(json.dumps(raised))


def _runs(name: str, asked: dict[str, Any]) -> list[str]:
    """Return what papermill raised by itself, and told which kernel to take; "" is a success."""
    told = asked.pop("kernel_name", "")
    raised = [_run(name, asked)]
    return [*raised, _run(name, {**asked, "kernel_name": told})] if told and raised[0] else raised


def _run(name: str, asked: dict[str, Any]) -> str:
    try:
        papermill.execute_notebook(
            f"{name}.ipynb", f"{name}.out.ipynb", progress_bar=False, **PATIENCE, **asked
        )
    # Whatever it trips over is what this run is about.
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())}"[:1000]
    return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
