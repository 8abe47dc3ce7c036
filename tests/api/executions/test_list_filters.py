"""A list of executions is narrowed down by who, why, where, when and how an id begins."""

from datetime import datetime
from typing import Any

import pytest

from podbook_api.state.execution_index import Line
from podbook_api.state.wanted import Wanted, submitted
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Fault, Reason


def line(name: str, day: int, **fields: Any) -> Line:
    others = {
        **{"uid": name, "notebook": "n", "notebook_id": "sales/daily", "phase": Phase.FAILED},
        **{"reason": Reason.NOTEBOOK_RAISED.value, "message": "", "created_by": "ann"},
        **{"started_at": None, "finished_at": None, "surface": "v1", "warnings": 0},
        **{"parameters": (), "parameters_hash": None},
    }
    submitted_at = f"2026-11-{day:02}T12:00:00.000000Z"
    return Line(**{**others, "name": name, "submitted_at": submitted_at, **fields})


# Newest first, as an index tells them.
LINES = [
    line("3f2a-later", 27, reason=Reason.EVICTED.value, notebook_id="sales-old/x"),
    line("3f2a-first", 26, created_by="bob", surface="noteburst"),
    line("77aa", 25, reason="OfANewerPart", notebook_id=None),
    line("80bb", 24, phase=Phase.QUEUED, reason=None),
]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(), ["3f2a-later", "3f2a-first", "77aa", "80bb"]),
        (Wanted(prefix="3f2a"), ["3f2a-later", "3f2a-first"]),
        (Wanted(folder="sales"), ["3f2a-first", "80bb"]),
        (Wanted(reason="NotebookRaised"), ["3f2a-first"]),
        (Wanted(fault=Fault.CLUSTER), ["3f2a-later"]),
        (Wanted(created_by="bob"), ["3f2a-first"]),
        (Wanted(surface="noteburst"), ["3f2a-first"]),
        (Wanted(since="2026-11-25T12:00:00.000000Z"), ["3f2a-later", "3f2a-first", "77aa"]),
        (Wanted(until="2026-11-25T12:00:00.000000Z"), ["80bb"]),
        (Wanted(prefix="3f", until="2026-11-27T00:00:00.000000Z"), ["3f2a-first"]),
    ],
)
def test_what_is_wanted_stays(wanted: Wanted, names: list[str]) -> None:
    assert [found.name for found in wanted.among(iter(LINES))] == names
    oldest_first = wanted.among_oldest_first(reversed(LINES))
    assert [found.name for found in oldest_first] == names[::-1]


@pytest.mark.parametrize(
    ("asked", "is_before"),
    [
        ("0001-01-01T00:00:00+23:59", True),
        ("0001-01-01T00:00:00", True),
        ("0999-12-31T00:00:00Z", True),
        ("9999-12-31T23:59:59-23:59", False),
        ("9999-12-31T23:59:59", False),
    ],
)
def test_a_moment_at_the_ends_of_time_is_before_or_after_all(asked: str, is_before: bool) -> None:
    since = Wanted(since=submitted(datetime.fromisoformat(asked)))

    assert len(list(since.among(iter(LINES)))) == (len(LINES) if is_before else 0)
