"""Collects what is worth knowing of a run, one warning for each cell and kind."""

from podbook_crds.resources.warning import WARNINGS_LIMIT, Kind, RunWarning, warn


class Notes:
    """The warnings of a run as they come; a cell that has a thousand of a kind has one."""

    def __init__(self) -> None:
        self._first: dict[tuple[Kind, int | None], str] = {}
        self._counts: dict[tuple[Kind, int | None], int] = {}

    def add(self, kind: Kind, sentence: str, *, cell: int | None = None) -> None:
        """Take note of something."""
        key = kind, cell
        if key not in self._first and len(self._first) == WARNINGS_LIMIT:
            return
        self._first.setdefault(key, sentence)
        self._counts[key] = self._counts.get(key, 0) + 1

    def warnings(self) -> list[RunWarning]:
        """Return the warnings, the first ones first."""
        return [
            warn(kind, f"{sentence}{self._more(kind, cell)}", cell=cell)
            for (kind, cell), sentence in self._first.items()
        ]

    def _more(self, kind: Kind, cell: int | None) -> str:
        more = self._counts[kind, cell] - 1
        return f" (and {more} more of this kind in the cell)" if more else ""
