"""JSON that a process has read and written: it stands in an answer as it is, and is not read again.

To make JSON of a large value takes as long as to read it.
"""

import json
import secrets
from dataclasses import dataclass
from typing import Any, Final

# Nobody outside of this process knows it: no text that anybody wrote can hold it.
_MARK: Final = secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class WrittenJson:
    """A value as JSON text in ASCII; beginning is how people would read its first part."""

    text: bytes
    beginning: str = ""


def dumps(value: Any, *, spaced: bool = False) -> bytes:
    """Return the value as JSON, in ASCII: texts may hold lone surrogates, which UTF-8 cannot.

    spaced is as the clients of older surfaces were used to.
    """
    found: list[bytes] = []

    def marked(item: Any) -> str:
        if not isinstance(item, WrittenJson):
            raise TypeError(f"{type(item).__name__} is no JSON")
        found.append(item.text)
        return _MARK

    text = json.dumps(value, separators=None if spaced else (",", ":"), default=marked).encode()
    first, *rest = text.split(f'"{_MARK}"'.encode()) if found else [text]
    return b"".join([first, *(p for pair in zip(found, rest, strict=True) for p in pair)])
