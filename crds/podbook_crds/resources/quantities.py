"""Amounts as Kubernetes writes them: `500m`, `2`, `256Mi`, `1.5G`, `1e3`."""

import re
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, WithJsonSchema

_SUFFIXES: Final = {
    "": Decimal(1),
    **{s: Decimal(10) ** e for s, e in {"n": -9, "u": -6, "m": -3, "k": 3}.items()},
    **{s: Decimal(1000) ** (i + 2) for i, s in enumerate("MGTPE")},
    **{f"{s}i": Decimal(1024) ** (i + 1) for i, s in enumerate("KMGTPE")},
}
# So short that no number of anybody's takes long to work with.
_QUANTITY: Final = re.compile(
    r"([+-]?(?:[0-9]{1,24}(?:\.[0-9]{0,24})?|\.[0-9]{1,24}))(?:[eE]([+-]?[0-9]{1,2})|([a-zA-Z]{0,2}))"
)


def parse(text: str) -> Decimal:
    """Return the amount in the base unit (cores, bytes, pieces); ValueError where it is none."""
    match = _QUANTITY.fullmatch(text)
    if match is None or (match[3] or "") not in _SUFFIXES:
        raise ValueError(f"{text[:40]!r} is no quantity such as 500m, 2 or 256Mi")
    factor = Decimal(10) ** int(match[2]) if match[2] else _SUFFIXES[match[3] or ""]
    return Decimal(match[1]) * factor


def _as_text(value: Any) -> Any:
    """A number means what its text means, as in Kubernetes: `cpu: 2`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(value)


# As a structural schema has it, and as people write it: `cpu: 1`, `nvidia.com/gpu: 1`.
INT_OR_STRING: Final = "x-kubernetes-int-or-string"
_SCHEMA: Final = {"anyOf": [{"type": "number"}, {"type": "string"}], INT_OR_STRING: True}

Quantity = Annotated[str, BeforeValidator(_as_text), WithJsonSchema(_SCHEMA)]
