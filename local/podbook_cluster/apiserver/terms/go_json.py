"""Reads and writes JSON so that values come out as from a real API server, written in Go."""

import json
import re
import sys
from decimal import Decimal
from typing import Any, Final

import orjson

# Go decodes a number to int64 where it fits and to float64 otherwise, and prints a float64 without
# a fraction as an integer below this bound; beyond the two, it uses an exponent.
_EXPONENT_FROM: Final = 1e21
_EXPONENT_BELOW: Final = 1e-6
_INT64: Final = range(-(2**63), 2**63)

_MAY_HOLD_FLOAT: Final = re.compile(rb"\d[.eE]|-0")
_MAY_HOLD_EXPONENT: Final = re.compile(rb"\de")
_MAY_HOLD_BIG_INTEGER: Final = re.compile(rb"\d{19}")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class TooDeep(ValueError):
    """A value is nested deeper than can be written here; a real API server's limit is 10 000."""


def decode(data: bytes) -> Any:
    """Return the value of a JSON text with its numbers and strings as Go would hold them.

    Raises:
        ValueError: `data` is not JSON.

    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        value = _decode_leniently(data)
        return normalise(value)
    if _MAY_HOLD_FLOAT.search(data) or _MAY_HOLD_BIG_INTEGER.search(data):
        return normalise(value)
    return value


def encode(value: Any) -> bytes:
    """Return the JSON text of a normalised value; raise TooDeep beyond 254 levels."""
    try:
        data = orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        if "Recursion limit" not in str(error):
            raise
        raise TooDeep("nested deeper than 254 levels") from error
    if _MAY_HOLD_EXPONENT.search(data):
        return orjson.dumps(_spell_floats(value))
    return data


def normalise(value: Any) -> Any:
    """Return `value` as a round trip through Go's JSON leaves it: 1.0 is 1, 2**70 is a float."""
    if isinstance(value, dict):
        return {_text(str(key)): normalise(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normalise(item) for item in value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool) or value is None:
        return value
    return _number(value)


def _number(value: float) -> int | float:
    if abs(value) > sys.float_info.max:
        raise ValueError("a number is out of the range of a double")
    if isinstance(value, int):
        return value if value in _INT64 else float(value)
    if value.is_integer() and int(value) in _INT64:
        return int(value)
    return value


def _text(value: str) -> str:
    return _SURROGATE.sub("\ufffd", value) if _SURROGATE.search(value) else value


def _decode_leniently(data: bytes) -> Any:
    # orjson refuses lone surrogates and invalid UTF-8; Go replaces both by U+FFFD.
    return json.loads(data.decode("utf-8", "replace"), parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _spell_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _spell_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_spell_floats(item) for item in value]
    if isinstance(value, float):
        return orjson.Fragment(_spell_float(value))
    return value


def _spell_float(value: float) -> bytes:
    if _EXPONENT_BELOW <= abs(value) < _EXPONENT_FROM:
        # The shortest digits that mean this number, without an exponent.
        return format(Decimal(repr(value)).normalize(), "f").encode()
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return mantissa.encode()
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}".encode()
