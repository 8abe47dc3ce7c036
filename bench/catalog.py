"""How long a large folder takes to be served, and a change in it to be in force.

Run as `python -m bench.catalog [NOTEBOOKS MEGABYTES]`; 500 and 150 where none are named.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from rig.ipynb import notebook
from rig.running import RunningPodbook, running

_FOLDERS = 12
_FILES = 300
_FILE_BYTES = 100_000


def main() -> None:
    """Print the table."""
    count, megabytes = map(int, sys.argv[1:3] or ("500", "150"))
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder) / "notebooks"
        _fill(catalog, count, megabytes * 1_000_000 // count)
        print("| what | seconds | notebooks written |\n|---|---|---|")
        began = time.monotonic()
        with running(catalog, Path(folder) / "data") as podbook:
            took = time.monotonic() - began
            print(f"| {count} notebooks of {megabytes} MB together: ready | {took:.1f} | {count} |")
            _change(podbook, "a new notebook", {"c3/new.ipynb": _a_notebook("2")}, "c3/new")
            _change(podbook, "a saved one", {"c3/n3.ipynb": _a_notebook("print(1)")}, "c3/n3")
            both = {"c3/note.txt": "x", "newer.ipynb": _a_notebook("3")}
            _change(podbook, "a file that others carry, then a new notebook", both, "newer")


def _fill(catalog: Path, count: int, size: int) -> None:
    for number in range(_FOLDERS):
        (catalog / f"c{number}").mkdir(parents=True)
    for number in range(count):
        text = _a_notebook(f"# {'x' * size}\nprint({number})")
        (catalog / f"c{number % _FOLDERS}" / f"n{number}.ipynb").write_text(text)
    for number in range(_FILES):
        data = number.to_bytes(2) * (_FILE_BYTES // 2)
        (catalog / f"c{number % _FOLDERS}" / f"d{number}.bin").write_bytes(data)


def _a_notebook(cell: str) -> str:
    return json.dumps(notebook(cell))


def _change(podbook: RunningPodbook, what: str, files: dict[str, str], shown: str) -> None:
    """Print how long it takes until the notebook's own new content is in force."""
    before = _versions(podbook)
    for path, text in files.items():
        (podbook.folder / path).write_text(text)
    began = time.monotonic()
    while _generation(podbook, shown) == before.get(shown):
        time.sleep(0.02)
    took = time.monotonic() - began
    time.sleep(5)  # For what follows in the background.
    after = _versions(podbook)
    written = sum(after[name] != before.get(name) for name in after)
    print(f"| {what}: in force | {took:.2f} | {written} |", flush=True)


def _generation(podbook: RunningPodbook, notebook_id: str) -> str | None:
    answer = podbook.http.get(f"/v1/notebooks/{notebook_id}")
    return answer.json()["digest"] if answer.status_code == 200 else None


def _versions(podbook: RunningPodbook) -> dict[str, str]:
    items = podbook.http.get("/v1/notebooks").json()["items"]
    return {item["id"]: item["digest"] for item in items}


if __name__ == "__main__":
    main()
