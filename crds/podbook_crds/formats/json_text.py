"""JSON as it is stored and measured: without blanks, and in the bytes that it has as UTF-8."""

import json
from typing import Any


def compact(value: Any) -> bytes:
    r"""Return the shortest JSON text of a value.

    Letters are themselves: as `\uXXXX` a text in Chinese would be twice as long. A lone surrogate
    has no UTF-8; its backslash form is the JSON escape for it.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")
