"""Notebooks as people's tools save them: they run, have pages, and show what papermill shows."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from rig.running import RunningPodbook, running
from tests.support.real.catalog import CATALOG
from tests.support.real.entry import COMPLETED, Real
from tests.support.real.meant import MEANT, Difference
from tests.support.real.seen import Cells, cells

MIGRATE = Path(__file__).parents[2] / "docs/how-to/migrate.md"
# Without history: kernels that run at once would wait for each other's lock on its file.
KERNELS = {
    "bash": ["bash_kernel", "-f", "{connection_file}"],
    "python3": ["ipykernel_launcher", "-f", "{connection_file}", "--HistoryManager.enabled=False"],
}
COMPARED = {name: real for name, real in CATALOG.items() if not real.is_left_to_chance}
# All of them run in the first test's set-up.
pytestmark = pytest.mark.timeout(400)


@dataclass(frozen=True)
class Run:
    """What became of one notebook; final is the problem of one that was refused."""

    final: Any
    page: str = ""
    executed: bytes = b""


@dataclass(frozen=True)
class ByPapermill:
    """What papermill made of it; raised by itself, and where it is told which kernel to take."""

    raised: list[str]
    executed: bytes


@pytest.fixture(scope="module")
def papermill_process(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Path, "subprocess.Popen[bytes]"]]:
    """All notebooks run by papermill, beside those that Podbook runs."""
    folder = tmp_path_factory.mktemp("papermill")
    for name, module in KERNELS.items():
        _install(folder / "jupyter/kernels" / name, module)
    runs = {}
    for real in COMPARED.values():
        (folder / real.file).write_bytes(real.data())
        runs[real.name] = {"parameters": real.parameters, "kernel_name": real.papermill_kernel}
    (folder / "runs.json").write_text(json.dumps(runs))
    command = [sys.executable, "-m", "tests.support.real.papermill_runs", str(folder), "runs.json"]
    with (folder / "raised.json").open("wb") as raised, (folder / "log").open("wb") as log:
        environment = {**os.environ, "JUPYTER_PATH": str(folder / "jupyter")}
        root = Path(__file__).parents[2]
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=raised, stderr=log)
    yield folder, process
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def ran(
    papermill_process: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Run]]:
    """All notebooks run by one Podbook."""
    folder = tmp_path_factory.mktemp("notebooks")
    for real in CATALOG.values():
        (folder / real.file).write_bytes(real.data())
    with running(folder, tmp_path_factory.mktemp("data"), "--slots", "2") as podbook:
        asked = {real.name: _posted(podbook, real) for real in CATALOG.values()}
        yield {name: _run(podbook, answer) for name, answer in asked.items()}


@pytest.fixture(scope="module")
def by_papermill(
    papermill_process: tuple[Path, "subprocess.Popen[bytes]"], ran: object
) -> dict[str, ByPapermill]:
    folder, process = papermill_process
    assert process.wait(300) == 0, (folder / "log").read_text()
    raised = json.loads((folder / "raised.json").read_text())
    return {name: ByPapermill(raised[name], _read(folder / f"{name}.out.ipynb")) for name in raised}


def _install(folder: Path, module: list[str]) -> None:
    language = folder.name.rstrip("3")
    argv = [sys.executable, "-m", *module]
    spec = {"argv": argv, "display_name": language, "language": language}
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))


def _posted(podbook: RunningPodbook, real: Real) -> Any:
    path = f"/v1/notebooks/{real.name}/executions"
    return podbook.http.post(path, json={"parameters": real.parameters}).json()


def _run(podbook: RunningPodbook, answer: Any) -> Run:
    if "id" not in answer:
        return Run(answer)
    final = podbook.finished(answer["id"])
    artifacts = f"/v1/executions/{answer['id']}/artifacts"
    page = podbook.http.get(f"{artifacts}/notebook.html")
    assert page.status_code == 200, page.text
    return Run(final, page.text, podbook.http.get(f"{artifacts}/notebook.ipynb").content)


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _is_runnable(real: Real) -> bool:
    """Tell whether the kernel of another language is on this machine; Bash's always is."""
    return real.needs in {"", "bash"} or real.needs in KernelSpecManager().find_kernel_specs()


@pytest.mark.parametrize("name", CATALOG)
def test_it_runs_or_is_refused_with_the_meant_sentence(name: str, ran: dict[str, Run]) -> None:
    real, final = CATALOG[name], ran[name].final

    if not _is_runnable(real):
        assert final["reason"] == "KernelNotFound"
        assert real.without_it in final["message"]
    elif "id" not in final:
        assert (final["status"], real.reason) == (409, "refused")
        assert real.says in final["detail"]
    else:
        assert final["reason"] == real.reason, final["message"]
        assert real.says in final["message"]


@pytest.mark.parametrize("name", [name for name in CATALOG if CATALOG[name].reason != "refused"])
def test_its_page_shows_what_it_showed(name: str, ran: dict[str, Run]) -> None:
    real, page = CATALOG[name], ran[name].page

    expected = real.shows if _is_runnable(real) else ("KernelNotFound",)
    assert [text for text in expected if text not in page] == []


@pytest.mark.parametrize("name", COMPARED)
def test_it_shows_what_papermill_shows_but_for_what_is_meant(
    name: str, ran: dict[str, Run], by_papermill: dict[str, ByPapermill]
) -> None:
    real, podbook, papermill = CATALOG[name], ran[name], by_papermill[name]
    meant = [row for row in MEANT if row.may_show_in(name)]
    raising = [row.papermill for row in meant if row.papermill]

    succeeded = podbook.final.get("reason") == COMPLETED
    assert all(said in " ".join(papermill.raised) for said in raising)
    if not raising or len(papermill.raised) > 1:
        assert succeeded == (not papermill.raised[-1]), papermill.raised
    if papermill.executed and podbook.executed and _is_runnable(real) and not _is_lost(meant):
        assert cells(podbook.executed) == _brought(cells(papermill.executed), meant)


def test_every_difference_is_met_and_told(
    ran: dict[str, Run], by_papermill: dict[str, ByPapermill]
) -> None:
    document = MIGRATE.read_text()

    for row in MEANT:
        assert f"| {row.what} |" in document
        assert all(_is_met(row, name, ran, by_papermill) for name in row.notebooks), row.what


def _is_met(
    row: Difference, name: str, ran: dict[str, Run], by_papermill: dict[str, ByPapermill]
) -> bool:
    """Tell whether the notebook would differ without the row."""
    if row.papermill:
        return bool(by_papermill[name].raised[0])
    others = [other for other in MEANT if other.may_show_in(name) and other is not row]
    return cells(ran[name].executed) != _brought(cells(by_papermill[name].executed), others)


def _is_lost(rows: list[Difference]) -> bool:
    """Tell whether papermill cannot even save what it ran."""
    return any(row.papermill == "NotebookValidationError" for row in rows)


def _brought(seen: Cells, rows: list[Difference]) -> Cells:
    for row in rows:
        seen = row.brings(seen)
    return seen
