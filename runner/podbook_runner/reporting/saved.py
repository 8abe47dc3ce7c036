"""Remembers the value that save_output showed last where it could not write its file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podbook_crds.names import OUTPUT_TYPE


@dataclass(slots=True)
class Saved:
    """The last value that was shown and not written.

    at is when, in seconds of the kernel's clock, which also dates its files.
    """

    value: Any = None
    at: float | None = None

    def hear(self, content: dict[str, Any], header: dict[str, Any]) -> None:
        """Take note of the value, if the message shows one."""
        data = content.get("data")
        shown = data.get(OUTPUT_TYPE) if isinstance(data, dict) else None
        if not isinstance(shown, dict) or "value" not in shown:
            return
        # Written, the file is the value, and whatever was written later is in it too.
        if shown.get("written") is True:
            self.value, self.at = None, None
            return
        date = header.get("date")
        self.value = shown["value"]
        self.at = date.timestamp() if isinstance(date, datetime) else 0.0
