"""The table of ends is complete and names the fault that the code knows."""

import re
from pathlib import Path

from podbook_crds.reasons import EXPLANATIONS, Reason

TEXT = (Path(__file__).parents[2] / "docs/reliability.md").read_text()
FINAL_ROWS = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", TEXT.split("## Reasons of")[0], re.M))
WAITING_ROWS = re.findall(r"^\| `(\w+)` \|", TEXT.split("## Reasons of waiting")[1], re.M)


def test_every_reason_has_one_row() -> None:
    assert sorted([*FINAL_ROWS, *WAITING_ROWS]) == sorted(reason.value for reason in Reason)


def test_the_fault_is_the_one_that_the_code_knows() -> None:
    assert {name: EXPLANATIONS[Reason(name)].fault.value for name in FINAL_ROWS} == FINAL_ROWS
