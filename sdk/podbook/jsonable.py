"""Turns what notebooks compute into plain JSON values, or says where that is not possible.

Runs in the kernel: standard library only, Python 3.8 and later. numpy, pandas and pydantic are
known by their looks and never imported. How values are written:

- datetime, date, time: ISO 8601, naive ones without an offset; timedelta: seconds
- Decimal: a string, so that no digit is lost; UUID, Path: a string; Enum: its value
- bytes: base64
- NaN and the infinities: null, as JSON has none of them
- dataclass, named tuple: an object; set: a list, sorted where that is possible
- pydantic model: as its own schema describes it, by alias
- numpy scalar: its value; array: nested lists
- pandas DataFrame: a list of records, one object per row, the index left out unless it is named;
  Series: a list of values, or an object by label where its index is named or holds strings;
  Index: a list; Timestamp: ISO 8601; Period, Interval: text; NaT and NA: null
"""

from __future__ import annotations  # For Python 3.8.

import base64
import collections
import json
import math
import sys
from collections import abc
from typing import TYPE_CHECKING, Any

from podbook.model_values import dumped

if TYPE_CHECKING:
    from collections.abc import Callable

    # Given a value and its path: what stands for it if it is a frame, else None.
    Frames = Callable[[Any, str], Any]

# What is written as a list: finite, and in an order of its own.
_LISTS = (list, tuple, range, collections.deque, abc.KeysView, abc.ValuesView)

# Deeper values are cyclic, or nothing that a reader of JSON takes.
DEPTH_LIMIT = 200


class NotSerialisable(TypeError):
    """A value cannot be saved as JSON; the message holds the path to it."""


def jsonable(value: Any, *, frames: Frames | None = None) -> Any:
    """Return the value as None, bool, int, float, str, list and dict; raises NotSerialisable.

    frames, if given, says what is written in place of a data frame.
    """
    return _Walk(frames).plain(value, "output")


class _Walk:
    """One value on its way to JSON; it knows what it stands in, to notice a cycle."""

    def __init__(self, frames: Frames | None = None) -> None:
        self._inside: list[int] = []
        self._frames = frames

    def plain(self, value: Any, path: str) -> Any:
        if value is None or value is True or value is False:
            return value
        if self._frames is not None and (referred := self._frames(value, path)) is not None:
            return referred
        for convert in (_scalar, _foreign):
            found = convert(value, path)
            if found is not None:
                return found[0]
        return self._container(value, path)

    def _container(self, value: Any, path: str) -> Any:
        if id(value) in self._inside or len(self._inside) > DEPTH_LIMIT:
            raise NotSerialisable(f"{path} contains itself, or is nested too deeply")
        self._inside.append(id(value))
        try:
            return self._items(value, path)
        finally:
            self._inside.pop()

    def _items(self, value: Any, path: str) -> Any:
        model = dumped(value)
        if model is not None:
            return self.plain(model[0], path)
        fields = _fields(value)
        if fields is not None:
            return {key: self.plain(item, f"{path}.{key}") for key, item in fields.items()}
        if isinstance(value, dict):
            return self._object(value, path)
        if isinstance(value, (set, frozenset)):
            value = _sorted(value)
        if isinstance(value, _LISTS):
            return [self.plain(item, f"{path}[{i}]") for i, item in enumerate(value)]
        for method in ("to_dict", "tolist"):
            converted = _call(value, method)
            if converted is not value and converted is not None:
                return self.plain(converted, path)
        raise NotSerialisable(
            f"{path} is a {_name(value)}, which cannot be saved as JSON; convert it first"
        )

    def _object(self, value: dict[Any, Any], path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in value.items():
            text = self._key(key, path)
            if text in found:
                raise NotSerialisable(f"{path} has two keys that are both written {text!r}")
            found[text] = self.plain(item, f"{path}[{text!r}]")
        return found

    def _key(self, key: Any, path: str) -> str:
        plain = key if isinstance(key, str) else self.plain(key, f"{path}, key {key!r}")
        if isinstance(plain, str):
            return str.__str__(plain)
        if plain is None or isinstance(plain, (bool, int, float)):
            return json.dumps(plain)
        raise NotSerialisable(f"{path} has the key {key!r}; an object's keys are strings")


def _scalar(value: Any, path: str) -> tuple[Any] | None:
    """Return values of the standard library that are not containers, in a tuple."""
    enum: Any = getattr(sys.modules.get("enum"), "Enum", ())
    if isinstance(value, enum):
        return (jsonable_at(value.value, path),)
    for module, name, convert in _CONVERSIONS:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(value, kind):
            return (convert(value),)
    return None


def jsonable_at(value: Any, path: str) -> Any:
    """Return the value as `jsonable` does; path is what a refusal calls it."""
    return _Walk().plain(value, path)


def _moment(value: Any) -> Any:
    """Return ISO 8601; pandas.NaT is a datetime too, and no moment."""
    return None if type(value).__name__ == "NaTType" else value.isoformat()


# By module and name: only a module that was imported can have made a value, and importing all of
# them would take longer than everything else that a notebook needs to save its output.
_CONVERSIONS: tuple[tuple[str, str, Any], ...] = (
    ("builtins", "str", str.__str__),  # Of a subclass too: whatever its own __str__ says.
    ("builtins", "bool", bool),
    ("builtins", "int", int),
    ("builtins", "float", lambda value: _finite(float(value))),
    ("datetime", "datetime", _moment),
    ("datetime", "date", lambda value: value.isoformat()),
    ("datetime", "time", lambda value: value.isoformat()),
    ("datetime", "timedelta", lambda value: _finite(value.total_seconds())),
    ("decimal", "Decimal", lambda value: str(value) if value.is_finite() else None),
    ("uuid", "UUID", str),
    ("builtins", "bytes", lambda value: base64.b64encode(value).decode()),
    ("builtins", "bytearray", lambda value: base64.b64encode(value).decode()),
    ("builtins", "memoryview", lambda value: base64.b64encode(value).decode()),
    ("os", "PathLike", str),
)


def _foreign(value: Any, path: str) -> tuple[Any] | None:
    """Return what numpy, pandas and pydantic make of their values, in a tuple."""
    home = type(value).__module__.partition(".")[0]
    if home == "pandas":
        return (jsonable_at(_pandas(value), path),) if type(value).__name__ in _PANDAS else None
    if home == "numpy":
        return (_numpy(value, path),)
    return None


def _numpy(value: Any, path: str) -> Any:
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind in "mM" and kind:
        return _numpy_times(value, path)
    listed = _call(value, "tolist")
    if listed is None or type(listed) is type(value):
        raise NotSerialisable(f"{path} is a {_name(value)}, which cannot be saved as JSON")
    return jsonable_at(listed, path)


def _numpy_times(value: Any, path: str) -> Any:
    """datetime64 and timedelta64: at most microseconds, or Python's types cannot hold them."""
    unit = "datetime64[us]" if value.dtype.kind == "M" else "timedelta64[us]"
    return jsonable_at(value.astype(unit).tolist(), path)


_PANDAS = {"DataFrame", "Series", "NAType", "NaTType", "Period", "Interval"}


def _pandas(value: Any) -> Any:
    name = type(value).__name__
    if name == "DataFrame":
        frame = value.reset_index() if any(n is not None for n in value.index.names) else value
        return frame.to_dict(orient="records")
    if name == "Series":
        labels = list(value.index)
        if value.index.name is not None or any(isinstance(label, str) for label in labels):
            return dict(value.items())
        return value.tolist()
    return str(value) if name in {"Period", "Interval"} else None


def _fields(value: Any) -> dict[str, Any] | None:
    """Return the fields of a record-like object, or None where it is none."""
    if isinstance(value, type):
        return None
    if hasattr(type(value), "__dataclass_fields__"):
        return {field.name: getattr(value, field.name) for field in _stored(value)}
    named = getattr(value, "_asdict", None)
    if isinstance(value, tuple) and callable(named):
        return dict(named())
    return None


def _stored(value: Any) -> Any:
    """Return a dataclass's fields, without its class variables."""
    import dataclasses

    return dataclasses.fields(value)


def _sorted(values: Any) -> list[Any]:
    try:
        return sorted(values)
    except TypeError:
        return list(values)


def _call(value: Any, method: str) -> Any:
    found = getattr(value, method, None)
    return found() if callable(found) and not isinstance(value, type) else None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _name(value: Any) -> str:
    kind = type(value)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
