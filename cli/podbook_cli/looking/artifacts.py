"""`podbook artifacts`: the files that a run left, listed or brought here."""

import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from podbook.calling.rest import Rest
from podbook_cli.exits import BadInput
from podbook_cli.printing.formats import Format, print_rows

_FIELDS: Final = ("name", "size", "mediaType")


def show_artifacts(
    client: Rest, execution: str, names: list[str], shape: Format | None, folder: Path | None
) -> None:
    """List files, all or those that are named; with a folder, save them in it."""
    view = client.get(execution).view
    found = [a for a in view["artifacts"] if _is_meant(a["name"], names)]
    missing = [n for n in names if not any(fnmatchcase(a["name"], n) for a in found)]
    if missing:
        there = ", ".join(a["name"] for a in view["artifacts"]) or "none"
        raise BadInput(f"{execution} has no artifact {missing[0]!r}; there are: {there}")
    if folder is None:
        print_rows(found, shape, columns=_COLUMNS, fields=_FIELDS)
        return
    for artifact in found:
        path = _place(folder, artifact["name"])
        client.download(execution, artifact["name"], path)
        sys.stdout.write(f"{path}\n")


_COLUMNS: Final = {
    "Name": lambda row: row["name"],
    "Size": lambda row: _size(row.get("size")),
    "Type": lambda row: row.get("mediaType") or "-",
}


def _is_meant(name: str, patterns: list[str]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def _place(folder: Path, name: str) -> Path:
    """Return where a file is saved: never outside the folder, whatever a server calls it."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BadInput(f"the artifact {name!r} would be saved outside {folder}")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _size(size: Any) -> str:
    if not isinstance(size, int):
        return "-"
    if size < 1000:  # noqa: PLR2004
        return f"{size} B"
    return f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"  # noqa: PLR2004
