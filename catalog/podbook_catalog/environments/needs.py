"""Reads what a notebook needs: its first cell's `# /// script` block, or its config."""

import re
import tomllib
from dataclasses import dataclass
from typing import Any, Final

from podbook_catalog.settings.errors import Mistaken
from podbook_crds.call_rules.parameters_cells import source_of
from podbook_crds.content import canonical, digest_hex

# The pattern of the inline script metadata specification (PEP 723).
_BLOCK: Final = re.compile(
    r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$"
)
# Without it nothing is a kernel.
_KERNEL: Final = "ipykernel"
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class Needs:
    """Requirements as pip writes them, and which Pythons will do; empty for any."""

    requirements: tuple[str, ...]
    python: str = ""

    @property
    def key(self) -> str:
        """What is the same for equal needs."""
        return digest_hex(canonical([*self.requirements, self.python]))[:32]

    @property
    def words(self) -> str:
        """What they are called in a sentence."""
        return ", ".join(self.requirements) or f"Python {self.python}"


def needs_of(notebook: dict[str, Any], asked: list[str] | None) -> Needs | None:
    """Return what the notebook needs, None where it does not say; raises Mistaken.

    asked is `requirements` of its config.
    """
    block = _block(notebook)
    if block is None:
        return None if asked is None else _checked(asked, "", "/requirements")
    if asked is not None:
        raise Mistaken(
            "/requirements: the notebook's first cell says what it needs, too; keep one of them"
        )
    try:
        said = tomllib.loads(block)
    except tomllib.TOMLDecodeError as error:
        raise Mistaken(f"the `# /// script` block of the first cell is no TOML: {error}") from error
    python = said.get("requires-python", "")
    if not isinstance(python, str):
        raise Mistaken("requires-python of the first cell is no text, such as '>=3.11'")
    return _checked(said.get("dependencies", []), python, "dependencies of the first cell")


def _checked(asked: Any, python: str, place: str) -> Needs:
    if not isinstance(asked, list) or not all(isinstance(each, str) for each in asked):
        raise Mistaken(f"{place}: a list of texts is expected, such as ['pandas>=2']")
    for each in asked:
        # One that begins with a dash would be an option of the installer.
        if not each.strip() or each.strip().startswith("-") or not each.isprintable():
            raise Mistaken(f"{place}: {each[:80]!r} is no requirement")
    if sum(map(len, asked)) > _LONGEST:
        raise Mistaken(f"{place}: they have more than {_LONGEST} characters")
    wanted = {each.strip() for each in asked}
    return Needs(tuple(sorted({*wanted, _KERNEL})), python)


def _block(notebook: dict[str, Any]) -> str | None:
    """Return the TOML of the block in the first cell of code, None where there is none."""
    for cell in notebook["cells"]:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            found = [m for m in _BLOCK.finditer(source_of(cell) + "\n") if m["type"] == "script"]
            if len(found) > 1:
                raise Mistaken("the first cell has two `# /// script` blocks; keep one of them")
            return _uncommented(found[0]["content"]) if found else None
    return None


def _uncommented(content: str) -> str:
    lines = content.splitlines(keepends=True)
    return "".join(line[2:] if line.startswith("# ") else line[1:] for line in lines)
