"""Compares two catalogs: which contracts changed, and whether a caller breaks."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from podbook_catalog.pushing.breaking_changes import told
from podbook_cli.exits import NOTEBOOK_FAILED, SUCCEEDED, BadInput
from podbook_cli.printing.formats import DiffFormat, Format, print_rows
from podbook_cli.shipping.reading import catalog_server, read_folder

if TYPE_CHECKING:
    from podbook_catalog.compatibility.verdicts import Judgement, Side
    from podbook_cli.servers.target import Target

SERVER: Final = "server"


@dataclass(frozen=True, slots=True)
class Line:
    """One notebook that differs; judgement is None for one that is new."""

    notebook: str
    judgement: "Judgement | None"

    @property
    def verdict(self) -> str:
        """What callers have to expect."""
        return "new" if self.judgement is None else self.judgement.verdict.value


@dataclass(frozen=True, slots=True)
class _Catalog:
    """Digests by id, and how a contract is found where the digests differ."""

    digests: dict[str, str]
    side: "Callable[[str], Side]"
    # Of a folder: what it is called. Of a server: the names of its notebooks' catalogs.
    name: str | None = None
    names: dict[str, str | None] = field(default_factory=dict)

    def without(self, other: "_Catalog") -> "_Catalog":
        """Leave out what the other, a folder, knows nothing of: the notebooks of other catalogs."""
        if other.name is None or self.name is not None:
            return self
        ours = {
            notebook: digest
            for notebook, digest in self.digests.items()
            if notebook in other.digests or self.names.get(notebook) == other.name
        }
        return replace(self, digests=ours)


def diff(old: str, new: str, target: "Target", *, form: DiffFormat) -> int:
    """Print what differs; return the exit code: 1 where a caller breaks."""
    before, after = _catalog(old, target), _catalog(new, target)
    lines = list(_lines(before.without(after), after.without(before)))
    if form in (DiffFormat.TABLE, DiffFormat.MARKDOWN):
        sys.stdout.write(_table(lines) if form is DiffFormat.TABLE else _markdown(lines))
    else:
        print_rows(_rows(lines), Format(form.value), columns={}, fields=())
    broken = any(line.judgement and line.judgement.is_breaking for line in lines)
    return NOTEBOOK_FAILED if broken else SUCCEEDED


def _lines(old: _Catalog, new: _Catalog) -> Iterator[Line]:
    from podbook_catalog.compatibility.verdicts import judge, removed

    for notebook in sorted(old.digests.keys() | new.digests.keys()):
        if notebook not in old.digests:
            yield Line(notebook, None)
        elif notebook not in new.digests:
            yield Line(notebook, removed(notebook))
        elif old.digests[notebook] != new.digests[notebook]:
            yield Line(notebook, judge(notebook, old.side(notebook), new.side(notebook)))


def _catalog(where: str, target: "Target") -> _Catalog:
    """Return a folder's catalog, or a server's: by its URL, or the one that the options name."""
    if where == SERVER:
        if not target.is_named:
            raise BadInput("name the server: --url or PODBOOK_URL")
        return _of_server(target)
    if where.startswith(("http://", "https://")):
        return _of_server(replace(target, url=where))
    return _of_folder(Path(where), target.python)


def _of_folder(folder: Path, python: Path | None) -> _Catalog:
    from podbook_catalog.compatibility.verdicts import Side
    from podbook_crds.content import Content

    snapshot = read_folder(folder, python)
    entries = {entry.id: entry for entry in snapshot.entries}
    digests = {name: Content.of(name, entry.spec).digest for name, entry in entries.items()}
    return _Catalog(digests, lambda name: Side.of(entries[name].wire), snapshot.name)


def _of_server(target: "Target") -> _Catalog:
    from podbook_catalog.compatibility.verdicts import Side

    with catalog_server(target) as server:
        served = server.notebooks()

    def side(name: str) -> "Side":
        with catalog_server(target) as again:
            found = again.notebook(name)
        if found is None:
            raise BadInput(f"notebook {name!r} went away meanwhile; try again")
        return Side.of(found)

    digests = {item["id"]: item["digest"] for item in served}
    return _Catalog(digests, side, names={item["id"]: item["catalog"] for item in served})


def _table(lines: list[Line]) -> str:
    if not lines:
        return "no difference\n"
    text = ""
    for line in lines:
        text += f"{line.verdict:<11} {line.notebook}\n"
        if line.judgement is not None:
            text += "".join(f"            {words}\n" for words in told(line.judgement))
    return text


def _markdown(lines: list[Line]) -> str:
    """Return a report for a pull request."""
    if not lines:
        return "No notebook changed.\n"
    rows = "".join(f"| `{line.notebook}` | {_sign(line)} |\n" for line in lines)
    text = f"| notebook | callers |\n|---|---|\n{rows}"
    for line in lines:
        said = list(told(line.judgement)) if line.judgement is not None else []
        if said:
            own = f"{line.notebook}: "
            listed = "".join(f"- {_escaped(words.removeprefix(own))}\n" for words in said)
            text += f"\n**`{line.notebook}`**\n\n{listed}"
    return text


def _sign(line: Line) -> str:
    return "**breaking**" if line.verdict == "breaking" else line.verdict


def _escaped(sentence: str) -> str:
    for sign in "\\`*_<>|":
        sentence = sentence.replace(sign, f"\\{sign}")
    return sentence


def _rows(lines: list[Line]) -> list[dict[str, Any]]:
    return [
        {
            "notebook": line.notebook,
            "verdict": line.verdict,
            "findings": [
                {"pointer": finding.pointer, "message": finding.message}
                for finding in (line.judgement.findings if line.judgement else ())
            ],
            "examples": {
                name: {"value": value, "refused": why}
                for name, (value, why) in (
                    line.judgement.examples.items() if line.judgement else ()
                )
            },
        }
        for line in lines
    ]
