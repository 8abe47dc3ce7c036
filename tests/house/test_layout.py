"""The repository's own rules."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return listed.stdout.split()


def test_no_folder_shadows_the_standard_library() -> None:
    """An operator/__init__.py would make `import operator` find the folder."""
    assert not (ROOT / "operator/__init__.py").exists()
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_no_file_holds_two_ideas() -> None:
    long = [name for name in tracked("*.py") if len((ROOT / name).read_text().splitlines()) > 300]

    assert long == []


@pytest.mark.parametrize(
    ("module", "foreign"),
    [
        ("podbook_runner.__main__", {"kopf", "kubernetes", "fastapi", "uvicorn"}),
        ("podbook_api.__main__", {"kopf", "papermill", "scrapbook", "pandas"}),
        ("podbook_operator.__main__", {"fastapi", "papermill", "scrapbook", "pandas"}),
        ("podbook", {"pydantic", "httpx", "typer", "IPython", "podbook_crds"}),
        ("podbook.refusals", {"pydantic", "httpx", "rich"}),
        ("podbook_local.up.main", {"fastapi", "httpx", "rich"}),
    ],
)
def test_a_part_loads_only_what_it_needs(module: str, foreign: set[str]) -> None:
    """Checked in a fresh interpreter, so that an import through a third package counts too."""
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert not foreign & set(loaded.stdout.split())
