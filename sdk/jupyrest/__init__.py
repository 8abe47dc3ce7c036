"""The names that notebooks written for jupyrest import, kept working."""

from __future__ import annotations  # For Python 3.8.

import json
from typing import Any

from podbook.jsonable import jsonable
from podbook.save_output import save_plain

__all__ = ["save_output"]


def save_output(data: Any) -> None:
    """Save the notebook's output, as jupyrest took it: JSON text is parsed, other text kept.

    Raises podbook.jsonable.NotSerialisable for what cannot be saved.
    """
    save_plain(_parsed(data) if isinstance(data, str) else jsonable(data))


def _parsed(text: str) -> Any:
    try:
        return jsonable(json.loads(text))  # NaN, which Python's parser takes, is no JSON.
    except ValueError:
        return text
