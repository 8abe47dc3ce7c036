import errno
import os
from pathlib import Path
from typing import Any

import pytest

from podbook_catalog.folder.scan import scan


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


def found(root: Path, *skip: str) -> tuple[list[str], list[str]]:
    what = scan(root, skip=list(skip))
    return [p.as_posix() for p in what.notebooks], [p.as_posix() for p in what.files]


def test_notebooks_are_found_at_any_depth_and_told_from_files(tmp_path: Path) -> None:
    make(tmp_path, "b.ipynb", "a/deep/c.ipynb", "a/models.py", "data/x.csv")

    assert found(tmp_path) == (["a/deep/c.ipynb", "b.ipynb"], ["a/models.py", "data/x.csv"])


def test_settings_are_no_files_of_a_notebook(tmp_path: Path) -> None:
    make(tmp_path, "a.ipynb", "a.config.json", "podbook.toml")

    assert found(tmp_path) == (["a.ipynb"], [])


def test_what_is_never_part_of_a_catalog_is_skipped(tmp_path: Path) -> None:
    make(
        tmp_path,
        ".hidden.ipynb",
        ".git/a.ipynb",
        ".ipynb_checkpoints/a-checkpoint.ipynb",
        "node_modules/a.ipynb",
        "__pycache__/a.ipynb",
        "venv/pyvenv.cfg",
        "venv/lib/a.ipynb",
        "conda/conda-meta/history",
        "conda/a.ipynb",
    )

    assert found(tmp_path) == ([], [])


def test_patterns_of_podbook_toml_are_skipped(tmp_path: Path) -> None:
    make(tmp_path, "drafts/a.ipynb", "final/a.ipynb", "final/old.ipynb")

    assert found(tmp_path, "drafts/*", "*/old.ipynb") == (["final/a.ipynb"], [])


def test_a_link_to_a_folder_is_not_followed_in_circles(tmp_path: Path) -> None:
    make(tmp_path, "a/b.ipynb")
    (tmp_path / "a" / "again").symlink_to(tmp_path)

    assert found(tmp_path) == (["a/b.ipynb"], [])


def test_a_link_to_a_notebook_is_a_notebook(tmp_path: Path) -> None:
    make(tmp_path, "elsewhere/real.ipynb", "catalog/here.txt")
    (tmp_path / "catalog" / "linked.ipynb").symlink_to(tmp_path / "elsewhere" / "real.ipynb")

    assert found(tmp_path / "catalog") == (["linked.ipynb"], ["here.txt"])


def test_a_link_to_itself_or_to_nothing_is_no_file(tmp_path: Path) -> None:
    make(tmp_path, "a.ipynb")
    (tmp_path / "circle.ipynb").symlink_to("circle.ipynb")
    (tmp_path / "nothing.ipynb").symlink_to("gone.ipynb")

    assert found(tmp_path) == (["a.ipynb"], [])


def test_a_folder_that_may_not_be_read_is_named_and_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "closed/a.ipynb", "open/b.ipynb")
    scandir = os.scandir

    def refusing(path: Path) -> Any:
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    # Not by its permissions: root may read everything.
    monkeypatch.setattr(os, "scandir", refusing)
    what = scan(tmp_path, skip=[])

    assert [path.as_posix() for path in what.notebooks] == ["open/b.ipynb"]
    assert {path.as_posix(): why for path, why in what.unread.items()} == {
        "closed": "Permission denied"
    }


def test_a_catalog_that_is_not_there_is_no_empty_catalog(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        scan(tmp_path / "gone", skip=[])


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ipynb")

    assert found(tmp_path) == ([], [])


def test_a_name_that_is_no_text_is_counted_and_not_served(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.ipynb")).touch()

    what = scan(tmp_path, skip=[])

    assert (what.notebooks, what.nameless) == ({}, 1)
