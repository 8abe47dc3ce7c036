"""How long `podbook up` takes to be ready, to stop, and to load many notebooks.

Run as `python -m bench.up`.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path

from rig.ipynb import notebook
from rig.running import descendants, running

_STARTS = 7
_MANY = 500


def main() -> None:
    """Print the table."""
    print("| what | median | slowest |\n|---|---|---|")
    ready, stopped = [], []
    for _ in range(_STARTS):
        with tempfile.TemporaryDirectory() as folder:
            seconds = _start_and_stop(Path(folder), notebooks=3)
        ready.append(seconds[0])
        stopped.append(seconds[1])
    _print(f"start of the command to ready, {_STARTS} times", ready)
    _print("signal to the last process gone", stopped)
    with tempfile.TemporaryDirectory() as folder:
        _print(f"ready with {_MANY} notebooks", [_start_and_stop(Path(folder), notebooks=_MANY)[0]])


def _start_and_stop(folder: Path, *, notebooks: int) -> tuple[float, float]:
    """Return the seconds until it is ready, and those until nothing of it is left."""
    catalog = folder / "notebooks"
    catalog.mkdir()
    for number in range(notebooks):
        (catalog / f"n{number}.ipynb").write_text(json.dumps(notebook(f"print({number})")))
    began = time.monotonic()
    with running(catalog, folder / "data") as podbook:
        ready = time.monotonic() - began
        assert len(descendants(podbook.process.pid)) > 2
        began = time.monotonic()
    return ready, time.monotonic() - began


def _print(what: str, seconds: list[float]) -> None:
    print(f"| {what} | {statistics.median(seconds):.2f} s | {max(seconds):.2f} s |", flush=True)


if __name__ == "__main__":
    main()
