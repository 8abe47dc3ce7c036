"""Tells what a push does to each notebook: to people as it is done, to programs as rows."""

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from podbook_cli.printing.formats import Format, is_for_programs, print_value

if TYPE_CHECKING:
    from podbook_catalog.pushing.push import Done

_SHOWN: Final = 19  # Of a digest: `sha256:` and what tells it from any other of a catalog.
_LEFT: Final = "left"


@dataclass
class ToldSteps:
    """Those of one push; entered while it goes on, so that a list is whole whatever ends it."""

    shape: Format | None
    prune: bool
    _rows: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        if self.shape in (Format.JSON, Format.YAML):
            print_value(self._rows, self.shape)

    def begin(self, sentence: str) -> None:
        """Say what is done where."""
        out = sys.stderr if is_for_programs(self.shape) else sys.stdout
        out.write(f"{sentence}\n")

    def tell(self, done: "Done") -> "Done":
        """Tell what became of one notebook, and return it."""
        row = self._row(done)
        self._rows.append(row)
        if self.shape is Format.JSONL:
            print_value(row, self.shape)
        elif done.refused:
            sys.stdout.flush()
            sys.stderr.write(f"refused    {done.step.id}: {done.refused}\n")
        elif not is_for_programs(self.shape):
            sys.stdout.write(f"{row['change']:<10} {done.step.id}  {_what(done, row['change'])}\n")
        return done

    def _row(self, done: "Done") -> dict[str, Any]:
        from podbook_catalog.pushing.plan import Change

        is_left = done.step.change is Change.REMOVED and not self.prune
        return {
            "id": done.step.id,
            "change": _LEFT if is_left else done.step.change.value,
            "digest": done.digest,
            "version": done.version,
            "refused": done.refused or None,
        }


def _what(done: "Done", change: str) -> str:
    if change == _LEFT:
        return "the folder has it no more; see --prune"
    version = "" if done.version is None else f"  version {done.version}"
    return f"{(done.digest or '')[:_SHOWN]}{version}"
