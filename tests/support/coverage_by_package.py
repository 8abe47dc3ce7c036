"""Prints what of each package the tests reach: `make coverage` runs it on what they found."""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def table(found: dict[str, Any]) -> Iterator[str]:
    """Return a line for each package, and one for the whole, of what coverage wrote as JSON."""
    packages: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, file in found["files"].items():
        parts = Path(name).parts
        package = next(part for part in parts if part.startswith(("podbook", "jupyrest")))
        for row in (package, "whole"):
            packages[row].update({k: v for k, v in file["summary"].items() if isinstance(v, int)})
    yield f"{'package':18} {'lines':>7} {'reached':>8} {'branches':>9} {'reached':>8}"
    for package, counted in sorted(packages.items(), key=lambda row: (row[0] == "whole", row[0])):
        lines = _share(counted["covered_lines"], counted["num_statements"])
        branches = _share(counted["covered_branches"], counted["num_branches"])
        yield (
            f"{package:18} {counted['num_statements']:7} {lines:>8}"
            f" {counted['num_branches']:9} {branches:>8}"
        )


def _share(reached: int, of: int) -> str:
    return f"{100 * reached / of:.1f} %" if of else "-"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in table(json.loads(Path(sys.argv[1]).read_text())))
