"""Turns pydantic models into the JSON that their own schema describes, of pydantic 1 and 2.

Runs in the kernel, on Python 3.8 and later. pydantic is known by its looks and never imported.
"""

from __future__ import annotations  # For Python 3.8.

import json
from typing import Any


def dumped(value: Any) -> tuple[Any] | None:
    """Return a model's values, in a tuple, or None where the value is no model.

    They need not be plain JSON yet: fields of any type hold what pydantic does not know.
    """
    if isinstance(value, type):
        return None
    if hasattr(type(value), "model_fields") and callable(getattr(value, "model_dump", None)):
        return (_of_pydantic_2(value),)
    if hasattr(type(value), "__fields__") and callable(getattr(value, "dict", None)):
        return (_of_pydantic_1(value),)
    return None


def _of_pydantic_1(value: Any) -> Any:
    try:
        return json.loads(value.json(by_alias=True))
    except (TypeError, ValueError):  # A field holds what it cannot write.
        return value.dict(by_alias=True)


def _of_pydantic_2(value: Any) -> Any:
    try:
        plain = value.model_dump(by_alias=True)
    except TypeError:  # A set of models: as dicts they are not hashable.
        return value.model_dump(mode="json", by_alias=True)
    try:
        return _with_offsets(plain, value.model_dump(mode="json", by_alias=True))
    except ValueError:  # PydanticSerializationError: a field holds what it cannot write.
        return plain


def _with_offsets(plain: Any, written: Any) -> Any:
    """Return what pydantic wrote, with UTC as +00:00 as everywhere else, not as Z."""
    if isinstance(plain, dict) and isinstance(written, dict):
        pairs = zip(plain.values(), written.items())  # noqa: B905  (strict is Python 3.10)
        return {key: _with_offsets(one, other) for one, (key, other) in pairs}
    if isinstance(plain, (list, tuple)) and isinstance(written, list):
        return [_with_offsets(one, other) for one, other in zip(plain, written)]  # noqa: B905
    if isinstance(written, str) and written.endswith("Z") and hasattr(plain, "isoformat"):
        own = plain.isoformat()
        return own if own == written[:-1] + "+00:00" else written
    return written
