"""Reads a document's fenced blocks, so that a test can do what its reader would do.

```sh                          is run by bash; what it prints is compared with what follows
```json                        after a sh block: what it printed, as JSON; "…" stands for any value
```text                        after a sh block: what it printed; … stands for any text in a line
```json file=notebooks/a.json  is written to that file; so is any language with file=
```python notebook=n/a.ipynb   becomes a notebook; `# %%` begins a cell, `# %% tags=a` tags it
```yaml values                 is a file of values for the chart
```sh not-run                  is shown only: it serves until stopped, or needs a cluster
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

_BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_CELL = re.compile(r"^# %%(?P<head>[^\n]*)\n", re.MULTILINE)
ANY = "…"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, its options, its text, and the line it begins on."""

    language: str
    options: dict[str, str]
    text: str
    line: int


def blocks(path: Path) -> list[Block]:
    """Return the fenced blocks of a Markdown file, in order."""
    text = path.read_text()
    found = []
    for match in _BLOCK.finditer(text):
        language, *words = match["info"].split() or [""]
        options = dict(word.partition("=")[::2] for word in words)
        found.append(
            Block(language, options, match["text"], text.count("\n", 0, match.start()) + 1)
        )
    return found


def shown_values() -> list[tuple[str, str]]:
    """Return every file of the chart's values that the documents show, by where it stands."""
    return [
        (f"{path.relative_to(ROOT)}:{block.line}", block.text)
        for path in sorted((ROOT / "docs").rglob("*.md"))
        for block in blocks(path)
        if "values" in block.options
    ]


def notebook(text: str) -> str:
    """Return the ipynb of cells that are divided by `# %%` lines."""
    _, *parts = _CELL.split(f"# %%\n{text}" if not text.startswith("# %%") else text)
    cells = []
    for head, source in zip(parts[::2], parts[1::2], strict=True):
        tags = [word.removeprefix("tags=") for word in head.split() if word.startswith("tags=")]
        metadata = {"tags": tags} if tags else {}
        cells.append(nbformat.v4.new_code_cell(source.strip("\n"), metadata=metadata))
    written: str = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    return written


def differences(expected: Any, found: Any, pointer: str = "") -> list[str]:
    """Return where JSON differs from what a document shows; "…" there stands for anything.

    An object that shows the key "…" may hold more than it shows.
    """
    if expected == ANY:
        return []
    if isinstance(expected, dict) and isinstance(found, dict):
        hidden = expected.keys() == found.keys() or ANY in expected
        missing = [] if hidden else [f"{pointer}: shows {sorted(expected)}, is {sorted(found)}"]
        shown = [key for key in expected if key != ANY]
        return missing + [
            line
            for key in shown
            for line in differences(expected[key], found.get(key), f"{pointer}/{key}")
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [line for n, (e, f) in pairs for line in differences(e, f, f"{pointer}/{n}")]
    if isinstance(expected, str) and isinstance(found, str) and ANY in expected:
        return [] if matches(expected, found) else [f"{pointer}: shows {expected}, is {found}"]
    return [] if expected == found else [f"{pointer}: shows {expected!r}, is {found!r}"]


def matches(expected: str, found: str) -> bool:
    """Tell whether text is what a document shows; … stands for any text."""
    pattern = ".*".join(re.escape(part) for part in expected.strip().split(ANY))
    return re.fullmatch(pattern, found.strip(), re.DOTALL) is not None


def compare(block: Block, printed: str) -> list[str]:
    """Return where a command's output differs from the block that shows it."""
    if block.language == "json":
        return differences(json.loads(block.text), json.loads(printed))
    return [] if matches(block.text, printed) else [f"shows {block.text!r}, printed {printed!r}"]
