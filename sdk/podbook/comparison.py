"""Compares what a notebook saved with what was expected of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

# After so many differences nobody reads on.
DIFFERENCES = 20
_SHOWN = 120


@dataclass(frozen=True)
class Comparison:
    """How exact it is: numbers may differ by a share of the expected one, or by an amount.

    ignore holds JSON pointers to what is not looked at; `*` stands for any key or index.
    """

    relative: float = 1e-9
    absolute: float = 0.0
    ignore: Sequence[str] = ()

    def differences(self, expected: Any, found: Any) -> list[str]:
        """Return each place that differs, with both values; empty where nothing does."""
        patterns = [tuple(pointer.split("/")[1:]) for pointer in self.ignore]
        differing = self._walk(expected, found, (), patterns)
        return [line for line, _ in zip(differing, range(DIFFERENCES), strict=False)]

    def _walk(
        self, expected: Any, found: Any, at: tuple[str, ...], ignored: list[tuple[str, ...]]
    ) -> Iterator[str]:
        if any(_matches(at, pattern) for pattern in ignored):
            return
        if isinstance(expected, dict) and isinstance(found, dict):
            # In the order of what was expected, then what nobody expected.
            for key in dict.fromkeys((*expected, *found)):
                pair = expected.get(key, _MISSING), found.get(key, _MISSING)
                yield from self._walk(*pair, (*at, _escaped(key)), ignored)
        elif isinstance(expected, list) and isinstance(found, list):
            for index in range(max(len(expected), len(found))):
                pair = _item(expected, index), _item(found, index)
                yield from self._walk(*pair, (*at, str(index)), ignored)
        elif not self._is_same(expected, found):
            yield f"{''.join(f'/{part}' for part in at) or '/'}: {_difference(expected, found)}"

    def _is_same(self, expected: Any, found: Any) -> bool:
        if _is_number(expected) and _is_number(found):
            return math.isclose(expected, found, rel_tol=self.relative, abs_tol=self.absolute)
        # 1 is no true, though Python has it so.
        return type(expected) is type(found) and bool(expected == found)


class _Missing:
    """What is not there: unlike null, which is a value."""


_MISSING = _Missing()


def _item(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else _MISSING


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _difference(expected: Any, found: Any) -> str:
    if found is _MISSING:
        return f"is missing, expected was {_shown(expected)}"
    if expected is _MISSING:
        return f"{_shown(found)} was not expected"
    return f"expected was {_shown(expected)}, it is {_shown(found)}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _matches(at: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return len(at) == len(pattern) and all(
        wanted in {"*", part} for part, wanted in zip(at, pattern, strict=True)
    )
