"""What `podbook up` says while it serves: runs, what changed in the folder, what is mended."""

import json
import re
from pathlib import Path

from rig.ipynb import notebook
from rig.running import RunningPodbook
from rig.until import eventually


def said(data: Path) -> list[str]:
    return (data / "up.log").read_text().splitlines()


def test_runs_are_told_when_they_start_and_how_they_ended(podbook: RunningPodbook) -> None:
    podbook.put("told", notebook("1"))
    podbook.put("told_failed", notebook("1 / 0"))
    for name in ("told", "told_failed"):
        podbook.post(name)
    listed = podbook.http.get("/v1/executions").json()["items"]
    runs = [run for run in listed if run["notebook"] in ("told", "told_failed")]
    failed, succeeded = (f"{run['id'][:8]}  {run['notebook']}" for run in runs)
    pages = [f"{podbook.url}/executions/{run['id']}" for run in runs]

    def lines() -> tuple[list[str], list[str]]:
        told = said(podbook.data)
        return [t for t in told if t.startswith(succeeded)], [t for t in told if failed in t]

    eventually(lambda: len(lines()[0]) == len(lines()[1]) == 2, "both are told")
    good, bad = lines()
    assert good[0] == f"{succeeded}  runs"
    assert re.fullmatch(rf"{succeeded}  Succeeded after \d+\.\d\d? s  {pages[1]}", good[1])
    assert "Failed after" in bad[1]
    assert "(NotebookRaised: ZeroDivisionError: division by zero)" in bad[1]


def test_what_changes_in_the_folder_is_told(podbook: RunningPodbook) -> None:
    file = podbook.folder / "edited.ipynb"

    def is_told(line: str) -> None:
        eventually(lambda: line in said(podbook.data), f"{line} is told")

    file.write_text(json.dumps(notebook("1")))
    is_told("added: edited")
    file.write_text("{")
    eventually(lambda: any(t.startswith("edited.ipynb: ") for t in said(podbook.data)), "a fault")
    file.write_text(json.dumps(notebook("2")))
    is_told("edited.ipynb: mended")
    file.unlink()
    is_told("removed: edited")
