"""Reads amounts as Kubernetes writes them: `500m`, `2`, `256Mi`, `1.5G`, `1e3`."""

import math
import re
from decimal import Decimal
from typing import Final

_SUFFIXES: Final = {
    "": Decimal(1),
    **{s: Decimal(10) ** e for s, e in {"n": -9, "u": -6, "m": -3, "k": 3}.items()},
    **{s: Decimal(1000) ** (i + 2) for i, s in enumerate("MGTPE")},
    **{f"{s}i": Decimal(1024) ** (i + 1) for i, s in enumerate("KMGTPE")},
}
_QUANTITY: Final = re.compile(r"([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)")


def parse(text: str | int | float) -> Decimal:
    """Return the amount in the base unit (cores, bytes); ValueError if it is none."""
    match = _QUANTITY.fullmatch(str(text))
    if not match or match[2] not in _SUFFIXES:
        raise ValueError(f"{text!r} is not a quantity such as 500m or 256Mi")
    return Decimal(match[1]) * _SUFFIXES[match[2]]


def divided(amount: Decimal, divisor: str) -> int:
    """Return an amount in units of the divisor, rounded up, as resourceFieldRef does."""
    unit = parse(divisor)
    return math.ceil(amount / (unit or 1))
