"""What a page costs: a long table is looked at as a whole, never row by row."""

import sys
from types import FrameType
from typing import Any

from podbook_api.artifacts.rendering.page import page
from tests.support.outputs.building import Kind, display, notebook
from tests.support.outputs.whole import ROWS, table


def calls(rows: int) -> int:
    """Return how many functions are called to make the page of a table with so many rows."""
    ipynb = notebook(Kind("a table", [display({"text/html": table(rows)})]))
    counted = 0

    def count(_: FrameType, event: str, __: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        page(ipynb, report=False)
    finally:
        sys.setprofile(before)
    return counted


def test_a_table_of_10_000_rows_takes_no_more_steps_than_one_of_ten() -> None:
    calls(10)  # What is loaded and compiled once.
    assert calls(ROWS) <= calls(10)
