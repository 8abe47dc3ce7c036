"""The map in CONTRIBUTING draws the house as it is."""

import re

import pytest

from tests.house.test_layout import ROOT, tracked

MAP = (ROOT / "CONTRIBUTING.md").read_text()
ROWS = re.findall(r"^\| `(\w+)/` \| `(podbook_\w+)` \|(.*)\|$", MAP, re.MULTILINE)


@pytest.mark.parametrize(("folder", "package", "job"), ROWS, ids=[row[1] for row in ROWS])
def test_every_room_is_drawn_and_every_room_drawn_is_there(
    folder: str, package: str, job: str
) -> None:
    base = f"{folder}/{package}/"
    places = [name.removeprefix(base).split("/")[:-1] for name in tracked(f"{base}*")]
    drawn = set(re.findall(r"`(?:\w+/)*(\w+)/`", job))

    assert {place[0] for place in places if place} - drawn == set(), "not drawn in CONTRIBUTING"
    assert drawn - {part for place in places for part in place} == set(), "drawn, and not there"


def test_the_map_has_a_row_for_every_package() -> None:
    packages = {name.split("/")[1] for name in tracked("*/podbook_*/__init__.py")}

    assert {package for _, package, _ in ROWS} >= {p for p in packages if p.startswith("podbook_")}


def test_every_file_that_decides_something_is_where_the_map_says() -> None:
    decided = MAP.split("Where is it decided?")[1].split("\n## ")[0]
    named = re.findall(r"`([\w/-]+\.(?:py|ts|yaml))`", decided)
    files = [f"/{name}" for name in tracked("*.py", "*.ts", "*.yaml")]

    assert len(named) >= 5
    assert [n for n in named if not any(file.endswith(f"/{n}") for file in files)] == []
