"""What a run costs beside the `papermill` command line and plain nbclient, on the same notebooks.

Run as `python -m bench.runner`. Pairs alternate, so that a busy machine is busy for both.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import nbformat

from podbook_crds.protocol import intake
from rig.runner_pod import a_job, a_pod, ipynb

_TWO_CELLS: Final = ("x = 1", "print(x)")
_MANY_CELLS: Final = ("print('z' * 50_000)",) * 300
_PRINTS: Final = ("for n in range(1_000_000): print('x' * 99)",)
_SAVES: Final = "from podbook import save_output"

_NBCLIENT: Final = """
import sys
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""

Measure = Callable[[Path], float]


def main() -> None:
    """Print the table."""
    print("| what | ours | theirs | ratio |\n|---|---|---|---|")
    for what, cells, theirs, pairs in (
        ("two cells, start to result, over `papermill in out`", _TWO_CELLS, _papermill, 20),
        ("300 cells x 50 KB over nbclient", _MANY_CELLS, _nbclient, 3),
        ("300 cells x 50 KB over `papermill in out`", _MANY_CELLS, _papermill, 1),
    ):
        _print_pairs(what, cells, theirs, pairs)
    _print_growth()
    _print_memory()
    _print_import()


def _print_pairs(what: str, cells: tuple[str, ...], theirs: Measure, pairs: int) -> None:
    ours, others = [], []
    with tempfile.TemporaryDirectory() as folder:
        notebook = _written(Path(folder), cells)
        for _ in range(pairs):
            ours.append(_runner(cells))
            others.append(theirs(notebook))
    one, other = statistics.median(ours), statistics.median(others)
    print(f"| {what}, median of {pairs} | {one:.2f} s | {other:.2f} s | {one / other:.2f} |")


def _print_growth() -> None:
    """A thousand cells come first, then ten thousand: one costs the same in both."""
    few, many = (_seconds_per_cell(count) for count in (1_000, 10_000))
    shown = f"{many * 1000:.2f} ms | {few * 1000:.2f} ms | {many / few:.2f}"
    print(f"| one of 10 000 cells beside one of 1 000 | {shown} |")


def _seconds_per_cell(count: int) -> float:
    with a_pod(a_job(ipynb(*("x = 1",) * count))) as pod:
        result = pod.wait(300)
    assert result.started_at
    assert result.finished_at
    return (result.finished_at - result.started_at).total_seconds() / count


def _print_memory() -> None:
    with a_pod(a_job(ipynb(*_PRINTS))) as pod:
        ours = pod.peak_memory()
    with tempfile.TemporaryDirectory() as folder:
        notebook = _written(Path(folder), _PRINTS)
        process = subprocess.Popen(_papermill_command(notebook), stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    theirs = usage.ru_maxrss * 1024
    shown = f"{ours / 2**20:.0f} MiB | {theirs / 2**20:.0f} MiB | {ours / theirs:.2f}"
    print(f"| 100 MB of prints, peak memory beside papermill | {shown} |")


def _print_import() -> None:
    bare = statistics.median(_python("pass") for _ in range(20))
    ours = statistics.median(_python(_SAVES) for _ in range(20))
    print(f"| `{_SAVES}`, beyond a bare interpreter | {(ours - bare) * 1000:.0f} ms | | |")


def _runner(cells: tuple[str, ...]) -> float:
    """Kernel and runner started together, until the result was handed in."""
    job = a_job(ipynb(*cells))
    began = time.perf_counter()
    with a_pod(job) as pod:
        pod.intake.wait_for(intake.RESULT_PATH, 300)
        took = time.perf_counter() - began
        pod.wait()
        return took


def _papermill(notebook: Path) -> float:
    return _timed(_papermill_command(notebook))


def _papermill_command(notebook: Path) -> list[str]:
    program = str(Path(sys.executable).with_name("papermill"))
    return [program, str(notebook), str(notebook.with_name("out.ipynb")), "--no-progress-bar"]


def _nbclient(notebook: Path) -> float:
    out = notebook.with_name("out.ipynb")
    return _timed([sys.executable, "-c", _NBCLIENT, str(notebook), str(out)])


def _python(code: str) -> float:
    return _timed([sys.executable, "-c", code])


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def _written(folder: Path, cells: tuple[str, ...]) -> Path:
    notebook = nbformat.reads(ipynb(*cells), 4)
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["kernelspec"] = spec
    nbformat.write(notebook, folder / "in.ipynb")
    return folder / "in.ipynb"


if __name__ == "__main__":
    main()
