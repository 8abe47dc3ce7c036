"""A pass over the folder costs what changed, not what is there."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podbook_catalog.loader import FolderLoader
from podbook_catalog.target.resources import NotebookResources
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.local.folder.test_loader import a_loader, cluster, folder, present, put, versions

__all__ = ["cluster", "folder"]

NOTEBOOKS = 60
FOLDERS = 6


class Work:
    """What the loader reads and writes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[str] = []
        self.asked: list[str] = []
        real_open, real_call = os.open, NotebookResources._call

        def counted(path: Any, flags: int, *arguments: Any) -> int:
            if not flags & (os.O_WRONLY | os.O_RDWR):
                self.read.append(os.path.basename(path))
            return real_open(path, flags, *arguments)

        def called(resources: Any, method: str, path: str, body: Any = None) -> Any:
            self.asked.append(method)
            return real_call(resources, method, path, body)

        monkeypatch.setattr(os, "open", counted)
        monkeypatch.setattr(NotebookResources, "_call", called)

    def clear(self) -> None:
        self.read.clear()
        self.asked.clear()


@pytest.fixture
def loader(cluster: EmbeddedCluster, folder: Path) -> Iterator[FolderLoader]:
    for number in range(NOTEBOOKS):
        put(folder, f"c{number % FOLDERS}/n{number}.ipynb")
    for number in range(300):
        (folder / f"c{number % FOLDERS}" / f"d{number}.bin").write_text(str(number))
    for path in folder.rglob("*.*"):
        os.utime(path, (1e9, 1e9))  # Long settled.
    loader = a_loader(cluster, folder)
    loader.load()
    yield loader
    cluster.request("DELETE", "/apis/podbook.dev/v1alpha1/namespaces/default/notebooks")


@pytest.fixture
def work(loader: FolderLoader, monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(monkeypatch)


def test_nothing_is_read_and_nothing_asked_where_nothing_changed(
    loader: FolderLoader, work: Work
) -> None:
    loader.load()

    assert (work.read, work.asked) == (["podbook.toml"], [])


def test_a_saved_notebook_is_read_and_written_alone(
    loader: FolderLoader, folder: Path, work: Work
) -> None:
    put(folder, "c3/n3.ipynb", "2")

    loader.load()

    assert sorted(set(work.read)) == ["n3.config.json", "n3.ipynb", "podbook.toml"]
    assert work.asked == ["PATCH"]


def test_a_changed_file_touches_only_the_notebooks_that_carry_it(
    cluster: EmbeddedCluster, loader: FolderLoader, folder: Path, work: Work
) -> None:
    before = versions(cluster)
    work.clear()
    (folder / "c3" / "note.txt").write_text("x")

    loader.load()

    assert set(work.read) == {"podbook.toml", "note.txt"}
    after = versions(cluster)
    assert {name for name in after if after[name] != before[name]} == {
        name for name in after if name.startswith("c3/")
    }


def test_what_is_saved_meanwhile_comes_before_what_only_carries_a_changed_file(
    cluster: EmbeddedCluster, loader: FolderLoader, folder: Path
) -> None:
    (folder / "podbook.toml").write_text("[defaults]\nretryLimit = 7\n")
    put(folder, "c0/new.ipynb")

    assert not loader.load(interrupted=lambda: True).is_complete
    assert "c0/new" in present(cluster)
    put(folder, "newer.ipynb")
    assert not loader.load(interrupted=lambda: True).is_complete
    assert "newer" in present(cluster)
    eventually(lambda: loader.load(interrupted=lambda: True).is_complete, "all is done at last")

    assert {e["spec"]["defaults"]["retryLimit"] for e in present(cluster).values()} == {7}


def test_one_line_tells_of_files_beyond_the_limits_whatever_changes(
    loader: FolderLoader, folder: Path
) -> None:
    (before,) = loader.load().warnings
    (folder / "c3" / "note.txt").write_text("x")
    put(folder, "new.ipynb")

    assert "up to 256, 16 MiB for one and 64 MiB for all" in before
    assert loader.load().warnings == [before]


def test_a_notebook_that_is_half_written_keeps_what_it_was(
    cluster: EmbeddedCluster, loader: FolderLoader, folder: Path
) -> None:
    (folder / "c1" / "n1.ipynb").write_text('{"cells": [')

    loaded = loader.load()

    assert not loaded.is_complete
    assert "problem" not in present(cluster)["c1/n1"]["spec"]
    os.utime(folder / "c1" / "n1.ipynb", (1e9, 1e9))
    assert "no JSON" in loader.load().problems["c1/n1.ipynb"]


def test_a_file_that_may_not_be_read_goes_along_with_none_and_is_told_once(
    loader: FolderLoader, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_open = os.open

    def refusing(path: Any, *arguments: Any) -> int:
        if os.path.basename(path).startswith("salaries"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real_open(path, *arguments)

    # Not by its permissions: root may read everything.
    monkeypatch.setattr(os, "open", refusing)
    for number in range(5):
        (folder / "c2" / f"salaries{number}.csv").write_text("secret")
    put(folder, "c2/asks.ipynb", config={"files": ["./salaries0.csv"]})

    loaded = loader.load()

    assert loaded.problems == {
        "c2/asks.ipynb": "files: c2/salaries0.csv cannot be read: Permission denied"
    }
    told = [line for line in loaded.warnings if "Permission denied" in line]
    assert told == [
        "c2/salaries0.csv, c2/salaries1.csv, c2/salaries2.csv and others cannot be read,"
        " and goes along with no notebook: Permission denied"
    ]
    assert [line for line in loader.load().warnings if "Permission denied" in line] == told


def test_a_change_by_kubectl_is_put_back(
    cluster: EmbeddedCluster,
    loader: FolderLoader,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("podbook_catalog.target.standing._TRUSTED_SECONDS", 0.0)
    path = "/apis/podbook.dev/v1alpha1/namespaces/default/notebooks"
    name = present(cluster)["c1/n1"]["metadata"]["name"]
    assert cluster.request("DELETE", f"{path}/{name}")[0] == 200

    loader.load()

    assert "c1/n1" in present(cluster)


def test_two_notebooks_of_one_id_are_told(loader: FolderLoader, folder: Path) -> None:
    put(folder, "twin.ipynb", config={"id": "c1/n1"})

    problem = loader.load().problems["twin.ipynb"]

    assert problem == "the id 'c1/n1' is already that of c1/n1.ipynb; give one of them another id"


def test_another_notebook_goes_along_where_the_cells_name_it(
    cluster: EmbeddedCluster, loader: FolderLoader, folder: Path
) -> None:
    put(folder, "c4/child.ipynb", "%run ./deep/grandchild.ipynb")
    put(folder, "c4/deep/grandchild.ipynb")
    put(folder, "c4/with blank.ipynb")
    put(folder, "c4/parent.ipynb", "%run child.ipynb\npm.execute_notebook('with blank.ipynb')")
    loader.load()

    files = {file["path"] for file in present(cluster)["c4/parent"]["spec"]["files"]}
    assert {path for path in files if path.endswith(".ipynb")} == {
        "c4/child.ipynb",
        "c4/deep/grandchild.ipynb",
        "c4/with blank.ipynb",
    }
    before = versions(cluster)
    put(folder, "c4/deep/grandchild.ipynb", "2")
    loader.load()
    after = versions(cluster)
    assert {name for name in after if after[name] != before[name]} == {
        "c4/child",
        "c4/deep/grandchild",
        "c4/parent",
    }
