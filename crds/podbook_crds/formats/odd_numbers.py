"""Finds where in a JSON text a number stands that is none: its readers know the number alone."""

import json
from collections.abc import Callable
from typing import Any

from podbook_crds.formats.json_pointers import pointer_step

Read = Callable[[str], Any]


class _Odd:
    """Stands where such a number stood."""


def place_of_first(text: str, *, to_float: Read, to_int: Read) -> str:
    """Return the pointer to the first number that these refuse by a ValueError, or a constant.

    Empty where there is none, where it is the whole, or where the text is no JSON behind it.
    """
    try:
        value = json.loads(
            text,
            parse_constant=lambda _: _Odd(),
            parse_float=_marking(to_float),
            parse_int=_marking(to_int),
        )
    except (ValueError, RecursionError):
        return ""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        place, node = waiting.pop()
        if isinstance(node, _Odd):
            return place
        if isinstance(node, dict | list):
            parts = list(node.items() if isinstance(node, dict) else enumerate(node))
            waiting += [(place + pointer_step(name), part) for name, part in reversed(parts)]
    return ""


def _marking(read: Read) -> Read:
    def read_or_mark(text: str) -> Any:
        try:
            return read(text)
        except ValueError:
            return _Odd()

    return read_or_mark
