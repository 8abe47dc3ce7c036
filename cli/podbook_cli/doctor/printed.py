"""Prints what was found: for people a plain list, also in a pipe."""

import sys
from collections.abc import Iterable, Iterator
from typing import Final

from podbook_cli.doctor.findings import Finding
from podbook_cli.exits import FOUND_WRONG, SUCCEEDED
from podbook_cli.printing.formats import Format, print_rows, print_value
from podbook_cli.printing.terminal_text import plain

_MARKS: Final = {True: "✓", False: "✗", None: "-"}
_WIDTH: Final = 12


def print_findings(found: Iterable[Finding], shape: Format | None) -> int:
    """Print them as they come, or all at once for programs; return the exit code."""
    if shape is None or shape is Format.TABLE:
        findings = [*_listed(found)]
    else:
        findings = [*found]
        rows = [finding.to_json() for finding in findings]
        if shape is Format.JSONL:
            print_rows(rows, shape, columns={}, fields=())
        else:
            print_value({"ok": _all_well(findings), "findings": rows}, shape)
    return SUCCEEDED if _all_well(findings) else FOUND_WRONG


def _listed(found: Iterable[Finding]) -> Iterator[Finding]:
    for finding in found:
        line = f"{_MARKS[finding.ok]} {finding.check.ljust(_WIDTH)} {_one_line(finding.says)}"
        sys.stdout.write(f"{line}\n")
        if finding.cure:
            sys.stdout.write(f"  {' ' * _WIDTH} {_one_line(finding.cure)}\n")
        yield finding


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())


def _all_well(findings: list[Finding]) -> bool:
    return all(finding.ok is not False for finding in findings)
