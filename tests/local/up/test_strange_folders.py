"""Whatever stands beside them, a saved notebook is served within moments, and nothing ends."""

import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from podbook_catalog.folder.scan import scan
from rig.ipynb import notebook
from rig.running import RunningPodbook, running
from rig.until import eventually

Make = Callable[[Path], None]


def save(folder: Path, name: str, cell: str = "1") -> None:
    (folder / f"{name}.ipynb").write_text(json.dumps(notebook(cell)))


def a_link_to(target: str) -> Make:
    return lambda folder: (folder / "link").symlink_to(target)


def a_circle_of_links(folder: Path) -> None:
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    (folder / "round.ipynb").symlink_to("round.ipynb")


def names_that_are_no_text(folder: Path) -> None:
    (folder / os.fsdecode(b"r\xe9sum\xe9.txt")).touch()
    (folder / os.fsdecode(b"d\xe9j\xe0")).mkdir()
    (folder / os.fsdecode(b"d\xe9j\xe0") / "a.ipynb").touch()


def names_with_everything(folder: Path) -> None:
    for name in ("new\nline.txt", "quote'\".csv", "*.py", "[a].ipynb", "-rf", " "):
        (folder / name).touch()


def pipes(folder: Path) -> None:
    for name in ("pipe.ipynb", "pipe.csv", "kept.config.json"):
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)


def a_socket(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        here = Path.cwd()
        os.chdir(folder)  # Its whole path may be too long for a socket's.
        try:
            sock.bind("socket.ipynb")
        finally:
            os.chdir(here)


def devices(folder: Path) -> None:
    (folder / "zero.csv").symlink_to("/dev/zero")
    (folder / "zero.ipynb").symlink_to("/dev/zero")


def sizes_that_nobody_knows(folder: Path) -> None:
    (folder / "status.txt").symlink_to("/proc/self/status")


def a_deep_tree(folder: Path) -> None:
    subprocess.run(["mkdir", "-p", "d/" * 1200], cwd=folder, check=True)


def many_folders(folder: Path) -> None:
    for number in range(300):
        (folder / f"f{number}" / "inner").mkdir(parents=True)


def files_of_the_future(folder: Path) -> None:
    (folder / "future.csv").write_text("x")
    os.utime(folder / "future.csv", (4e9, 4e9))
    save(folder, "future")
    os.utime(folder / "future.ipynb", (4e9, 4e9))


def files_of_no_time(folder: Path) -> None:
    save(folder, "old")
    os.utime(folder / "old.ipynb", (0, 0))


def a_folder_that_is_named_as_a_notebook(folder: Path) -> None:
    (folder / "folder.ipynb").mkdir()
    (folder / "kept.config.json").unlink(missing_ok=True)
    (folder / "podbook.toml.d").mkdir()


TABLE: dict[str, Make] = {
    "a link to /proc": a_link_to("/proc"),
    "a link to the root of everything": a_link_to("/"),
    "a link to itself's folder": a_link_to("."),
    "a link to the folder above": a_link_to(".."),
    "a link to nothing": a_link_to("nowhere"),
    "a circle of links": a_circle_of_links,
    "names that are no text": names_that_are_no_text,
    "names with everything": names_with_everything,
    "pipes": pipes,
    "a socket": a_socket,
    "devices": devices,
    "sizes that nobody knows": sizes_that_nobody_knows,
    "a deep tree": a_deep_tree,
    "many folders": many_folders,
    "files of the future": files_of_the_future,
    "files of no time": files_of_no_time,
    "a folder that is named as a notebook": a_folder_that_is_named_as_a_notebook,
}


def remove(folder: Path) -> None:
    """Python's own rmtree gives up in a tree so deep, and pytest with it."""
    subprocess.run(["rm", "-rf", str(folder)], check=True)


@pytest.mark.parametrize("make", TABLE.values(), ids=TABLE)
def test_it_is_scanned(tmp_path: Path, make: Make) -> None:
    save(tmp_path, "kept")
    try:
        make(tmp_path)
        found = scan(tmp_path, skip=[])
    finally:
        remove(tmp_path)

    assert "kept.ipynb" in [path.as_posix() for path in found.notebooks]


@pytest.fixture(scope="module")
def podbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPodbook]:
    folder = tmp_path_factory.mktemp("catalog")
    save(folder, "kept")
    with running(folder, tmp_path_factory.mktemp("data")) as started:
        yield started


@pytest.mark.parametrize("make", TABLE.values(), ids=TABLE)
def test_it_comes_about_while_the_folder_is_served(
    podbook: RunningPodbook, make: Make, request: pytest.FixtureRequest
) -> None:
    name = f"after-{len(list(podbook.folder.iterdir()))}"
    inner = podbook.folder / name
    inner.mkdir()
    save(inner, "kept")
    make(inner)
    save(inner, "saved")
    save(podbook.folder, name)

    eventually(lambda: podbook.is_shown(f"{name}/saved"), "what is beside it is served")
    eventually(lambda: podbook.is_shown(name), "and what is above it")
    remove(inner)
    eventually(lambda: not podbook.is_shown(f"{name}/saved"), "and followed when it goes")


def test_all_of_it_is_there_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "catalog"
    for number, make in enumerate(TABLE.values()):
        (folder / str(number)).mkdir(parents=True)
        make(folder / str(number))
    save(folder, "first")

    try:
        with running(folder, tmp_path / "data") as podbook:
            save(folder, "second")
            eventually(lambda: podbook.is_shown("second"), "what is saved is served")
            assert podbook.post("first")["phase"] == "Succeeded"
        assert "Traceback" not in (tmp_path / "data" / "up.log").read_text()
    finally:
        remove(folder)


def test_a_served_link_is_followed_where_it_points_now(tmp_path: Path) -> None:
    """As git-sync lays out a checkout: a link is switched to a new tree, the old one is removed."""
    trees = tmp_path / "root" / ".worktrees"
    for tree, names in {"aaa": ["x", "gone"], "bbb": ["x", "y"]}.items():
        (trees / tree).mkdir(parents=True)
        for name in names:
            save(trees / tree, name, f"from podbook import save_output; save_output('{tree}')")
    link = tmp_path / "root" / "current"
    link.symlink_to(".worktrees/aaa")
    with running(link, tmp_path / "data") as podbook:
        assert podbook.post("x")["output"] == "aaa"
        (tmp_path / "root" / "next").symlink_to(".worktrees/bbb")
        (tmp_path / "root" / "next").replace(link)
        subprocess.run(["rm", "-r", str(trees / "aaa")], check=True)

        eventually(lambda: podbook.is_shown("y"), "what is new is served")
        eventually(lambda: not podbook.is_shown("gone"), "and what is gone is not")
        assert podbook.post("x")["output"] == "bbb"
        save(trees / "bbb", "z")
        eventually(lambda: podbook.is_shown("z"), "and it is followed there")


def test_a_config_map_is_followed(tmp_path: Path) -> None:
    """As a kubelet mounts it: each file a link through `..data`, which is switched."""
    folder = tmp_path / "mounted"
    for number in (1, 2):
        (folder / f"..{number}").mkdir(parents=True)
        save(folder / f"..{number}", "a", f"from podbook import save_output; save_output({number})")
    (folder / "..data").symlink_to("..1")
    (folder / "a.ipynb").symlink_to("..data/a.ipynb")
    with running(folder, tmp_path / "data") as podbook:
        assert podbook.post("a")["output"] == 1
        (folder / "..next").symlink_to("..2")
        (folder / "..next").replace(folder / "..data")

        eventually(lambda: podbook.post("a")["output"] == 2, "what it leads to now is run")
