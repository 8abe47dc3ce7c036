"""`podbook list` and `get`: which runs there are, and all that is known of one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import Any, Final

from podbook.calling.rest import Rest
from podbook_cli.exits import BadInput
from podbook_cli.looking.ids import short
from podbook_cli.printing.formats import Columns, Format, print_rows
from podbook_cli.printing.times import age, duration, parsed
from podbook_crds.formats.durations import UNIT_SECONDS

FIELDS: Final = ("id", "notebook", "phase", "reason", "createdAt")
_PHASES: Final = ("Queued", "Starting", "Running", "Succeeded", "Failed", "Cancelled")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which executions a list shows."""

    notebook: str | None = None
    phase: str | None = None
    reason: str | None = None
    since: datetime | None = None
    is_mine: bool = False
    limit: int = 20

    def rows(self, client: Rest) -> list[dict[str, Any]]:
        """Return them, the newest first."""
        return list(islice(self._all(client), self.limit))

    def _all(self, client: Rest) -> Iterator[dict[str, Any]]:
        mine = client.session()["user"] if self.is_mine else None
        rows = client.executions(notebook=self.notebook, phase=self.phase)
        for row in takewhile(self._is_new_enough, rows):
            is_meant = self.reason is None or self.reason == str(row["reason"]).casefold()
            if is_meant and mine in (None, row.get("createdBy")):
                yield row

    def _is_new_enough(self, row: dict[str, Any]) -> bool:
        created = parsed(row["createdAt"])
        return self.since is None or created is None or created >= self.since


def wanted(
    notebook: str | None,
    phase: str | None,
    reason: str | None,
    *,
    since: str | None,
    mine: bool,
    limit: int,
) -> Wanted:
    """Return what the options ask for; raises BadInput."""
    asked = phase and _phase(phase), reason and reason.casefold()
    return Wanted(notebook, *asked, _moment(since) if since else None, mine, limit)


def show_list(client: Rest, asked: Wanted, shape: Format | None) -> None:
    """Print executions, the newest first."""
    rows = asked.rows(client)
    print_rows(rows, shape, columns=columns_for(rows), fields=FIELDS)


def columns_for(rows: list[dict[str, Any]]) -> Columns:
    """Return the columns of a table of executions; ids as short as these rows allow."""
    names = [str(row["id"]) for row in rows]
    return {
        "Id": lambda row: short(row["id"], names),
        "Notebook": lambda row: row["notebook"] or "-",
        "Phase": lambda row: row["phase"],
        "Reason": _reason,
        "Age": lambda row: age(row["createdAt"]),
        "Took": duration,
    }


def _reason(row: dict[str, Any]) -> str:
    cells = row.get("cells")
    if row["phase"] == "Running" and cells:
        return f"cell {cells['completed']} of {cells['total']}"
    return row["reason"] or "-"


def _phase(text: str) -> str:
    if (phase := text.capitalize()) not in _PHASES:
        raise BadInput(f"--phase {text}: there are {', '.join(_PHASES)}")
    return phase


def _moment(text: str) -> datetime:
    """Return a moment from `30m`, `2h`, `7d`, or a date or time of where the reader is."""
    number, unit = text[:-1], text[-1:]
    try:
        if number.isdecimal() and unit in UNIT_SECONDS:
            return datetime.now(UTC) - timedelta(seconds=int(number) * UNIT_SECONDS[unit])
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise BadInput(f"--since {text}: write 30m, 2h, 7d, or a date such as 2026-11-27") from None
