"""The table of ends is complete and names the fault that the code knows."""

import re
from pathlib import Path

from podbook_crds.ends.reasons import EXPLANATIONS, Reason
from tests.ends.table import ALL

TEXT = (Path(__file__).parents[2] / "docs/explanation/reliability.md").read_text()
FINAL_ROWS = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", TEXT.split("## Reasons of")[0], re.M))
WAITING_ROWS = re.findall(r"^\| `(\w+)` \|", TEXT.split("## Reasons of waiting")[1], re.M)


def test_every_reason_has_one_row() -> None:
    assert sorted([*FINAL_ROWS, *WAITING_ROWS]) == sorted(reason.value for reason in Reason)


def test_the_fault_is_the_one_that_the_code_knows() -> None:
    assert {name: EXPLANATIONS[Reason(name)].fault.value for name in FINAL_ROWS} == FINAL_ROWS


def test_what_a_real_node_shows_differently_is_the_table_of_ends() -> None:
    section = TEXT.split("## What a real node shows differently")[1].split("\n## ")[0]
    rows = [
        tuple(row) for row in re.findall(r"^\| (.+) \| `(.+)` \| `(.+)` \| (.+) \|$", section, re.M)
    ]

    assert rows == [
        (end.sentence, end.reason, end.on_a_node.shows["reason"], end.on_a_node.because)
        for end in ALL
        if end.on_a_node
    ]
