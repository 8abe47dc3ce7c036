"""What is made from the code is current and whole: every limit, every warning, every metric."""

import ast
import json
import os
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import pytest
from docs.made.limit_table import TABLES
from docs.made.run_warnings import OF_FOLDERS
from docs.make import REFERENCE, files

from podbook_catalog.checks.checked import check_folder
from podbook_catalog.complaints import of_files, of_scan
from podbook_catalog.entries.accompanying_files import DEFAULT_FILE_LIMIT
from podbook_catalog.folder.scan import Scan
from podbook_crds.ends.warning_advice import MEANINGS
from podbook_crds.resources.warning import Kind
from rig.ipynb import notebook

ROOT = Path(__file__).parents[2]
# Bounds between Podbook's own parts, and what stays within bounds that have a row.
INNER = {
    "podbook_api.events.pod_events:LIMIT",
    "podbook_api.intake.events:LIMIT",
    "podbook_crds.names:TERMINATION_LIMIT",
    "podbook_crds.names:VIOLATIONS_SIZE_LIMIT",
    "podbook_crds.protocol.followed_catalog:FAULTS_LIMIT",
    "podbook_runner.cells.prepared:SHOWN_LIMIT",
    "podbook_runner.kernel.client:RECEIVE_LIMIT",
    "podbook_runner.kernel.messages:STREAM_LIMIT",
    "podbook_runner.parameters.literals:DEPTH_LIMIT",
    "podbook_runner.reporting.losses:NAMES_LIMIT",
    "podbook_runner.reporting.losses:NAME_LIMIT",
}


@pytest.mark.parametrize("name", files())
def test_a_document_says_what_the_code_says(name: str) -> None:
    assert (REFERENCE / name).read_text() == files()[name], "run python -m docs.make"


def test_every_limit_has_its_row() -> None:
    told = {limit.home for limits in TABLES.values() for limit in limits}
    set_somewhere = {
        home for package in ("crds", "api", "runner", "catalog") for home in _set_in(package)
    }

    assert set_somewhere - told - INNER == set()
    assert set_somewhere >= INNER


def _set_in(package: str) -> set[str]:
    """Return the public limits of a package: module:NAME."""
    return {
        f"{'.'.join(path.relative_to(ROOT / package).with_suffix('').parts)}:{name}"
        for path in (ROOT / package).rglob("*.py")
        for name in _names(path.read_text())
    }


def _names(source: str) -> list[str]:
    return [
        target.id
        for statement in ast.parse(source).body
        for target in (
            [statement.target]
            if isinstance(statement, ast.AnnAssign)
            else statement.targets
            if isinstance(statement, ast.Assign)
            else []
        )
        if isinstance(target, ast.Name) and re.search(r"^(?!_).*LIMIT$", target.id)
    ]


def test_every_kind_of_warning_says_what_to_do() -> None:
    assert sorted(MEANINGS) == sorted(Kind)
    for kind, (sentence, advice) in MEANINGS.items():
        assert (sentence[-1], advice[-1]) == (".", "."), kind


def test_every_warning_about_a_folder_has_its_row(tmp_path: Path) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name, text in {
        "a.ipynb": _notebook(),
        "a.config.json": json.dumps(
            {"input": {"prefixItems": [], "properties": {"token": {}}}, "files": ["shared.csv"]}
        ),
        "a.config.yaml": "title: a",
        "shared.csv": "",
        "b.config.json": "{}",
        "podbook.yaml": "slots: 2",
        "c/d.ipynb": _notebook(),
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    with (folder / "c" / "large.bin").open("wb") as large:
        large.truncate(DEFAULT_FILE_LIMIT + 1)
    (folder / "away.csv").symlink_to(tmp_path / "elsewhere.csv")
    (tmp_path / "elsewhere.csv").write_text("")
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.csv"))).write_text("")

    checked = check_folder(folder, python=Path(sys.executable), environment=os.environ)
    assert [str(fault) for fault in checked.errors] == []
    # Nothing is unreadable to root, who runs these tests.
    unread = {PurePosixPath("x.csv"): "permission denied"}
    told = {fault.message for fault in checked.faults}
    told |= {*of_scan(Scan(unread=unread)), *of_files(unread, None)}

    rows = {row.sentence: _pattern(row.sentence) for row in OF_FOLDERS}
    met = {said: [row for row, form in rows.items() if fnmatchcase(said, form)] for said in told}
    assert [said for said, found in met.items() if not found] == []
    assert rows.keys() - {row for found in met.values() for row in found} == set()


def _notebook() -> str:
    return json.dumps(notebook("1"))


def _pattern(sentence: str) -> str:
    return sentence.replace("[", "[[]").replace("…", "*")
