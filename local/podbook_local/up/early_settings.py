"""Reads the two settings of podbook.toml that are needed before the first process starts.

The whole file is checked a moment later, by the folder's loader: what that needs takes 0.4 s to
import, in which the other processes can start already.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EarlySettings:
    """The kernel's interpreter, and how many runs there may be at once."""

    python: str | None = None
    slots: int | None = None


def read_early(root: Path) -> EarlySettings:
    """Return the settings; those that cannot be used count as not set, and are told later."""
    try:
        values = tomllib.loads((root / "podbook.toml").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return EarlySettings()
    python, slots = values.get("python"), values.get("slots")
    return EarlySettings(
        python if isinstance(python, str) else None, slots if isinstance(slots, int) else None
    )
