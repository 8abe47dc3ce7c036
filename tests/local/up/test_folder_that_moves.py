"""A catalog folder that is removed, replaced or moved while `podbook up` serves it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.ipynb import notebook
from rig.running import RunningPodbook, running
from rig.until import eventually


@pytest.fixture(scope="module")
def podbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPodbook]:
    folder = tmp_path_factory.mktemp("away") / "catalog"
    fill(folder, "first")
    with running(folder, tmp_path_factory.mktemp("data"), "--quiet") as started:
        yield started


def fill(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook("1")))


def serves(podbook: RunningPodbook, *names: str) -> bool:
    items = podbook.http.get("/v1/notebooks").json()["items"]
    return sorted(item["id"] for item in items) == sorted(names)


def said(podbook: RunningPodbook) -> str:
    return (podbook.data / "up.log").read_text()


def test_what_is_served_stays_while_the_folder_is_away_and_follows_it_when_it_is_back(
    podbook: RunningPodbook,
) -> None:
    fill(podbook.folder, "first")
    eventually(lambda: serves(podbook, "first"), "the notebook is served")
    before = said(podbook).count("cannot be read")
    aside = podbook.folder.with_name("aside")
    podbook.folder.rename(aside)
    eventually(lambda: said(podbook).count("cannot be read") > before, "it is said")

    assert serves(podbook, "first")
    assert podbook.post("first")["phase"] == "Succeeded"
    aside.rename(podbook.folder)
    fill(podbook.folder, "second")
    eventually(lambda: serves(podbook, "first", "second"), "what is new is served")


def test_who_wants_quiet_is_told_of_faults_alone(podbook: RunningPodbook) -> None:
    fill(podbook.folder, "first", "added")
    eventually(lambda: podbook.is_shown("added"), "it is served")
    assert podbook.post("added")["phase"] == "Succeeded"
    broken = podbook.folder / "broken.ipynb"
    broken.write_text("{")
    eventually(lambda: "broken.ipynb: " in said(podbook), "a fault is told")
    fill(podbook.folder, "broken")
    eventually(lambda: podbook.is_shown("broken"), "it is mended")

    for word in ("added: ", "reloaded: ", "mended", "  runs", "Succeeded after"):
        assert word not in said(podbook), word


def test_another_folder_in_its_place_is_followed(podbook: RunningPodbook) -> None:
    """As a checkout or a copy does it: removed, then made anew."""
    shutil.rmtree(podbook.folder)
    fill(podbook.folder, "third")
    eventually(lambda: serves(podbook, "third"), "the new folder is served")

    fill(podbook.folder, "fourth")
    eventually(lambda: serves(podbook, "third", "fourth"), "and followed")


def test_a_watch_that_breaks_is_said_once_and_the_folder_is_followed_all_the_same(
    tmp_path: Path,
) -> None:
    fake = tmp_path / "fake"
    fake.mkdir()
    # Stands in for a system that has no watches left for a folder made meanwhile.
    (fake / "watchfiles.py").write_text(
        "async def awatch(*folders, **_):\n"
        "    raise ExceptionGroup('in its thread', [RuntimeError('no watches left')])\n"
        "    yield\n"
    )
    fill(tmp_path / "catalog", "first")
    with running(tmp_path / "catalog", tmp_path / "data", PYTHONPATH=str(fake)) as podbook:
        eventually(lambda: "they are looked for: no watches left" in said(podbook), "it says")
        fill(podbook.folder, "first", "second")
        eventually(lambda: serves(podbook, "first", "second"), "what is new is served")
        fill(podbook.folder, "third")
        eventually(lambda: serves(podbook, "first", "second", "third"), "and goes on being")

        assert said(podbook).count("no watches left") == 1
