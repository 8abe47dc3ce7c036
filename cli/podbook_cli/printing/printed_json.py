"""Prints JSON on stdout, whatever characters the terminal or the pipe takes."""

import json
import sys
from typing import Any


def print_text(text: str) -> None:
    """Print the text; characters that stdout does not take are written as Python's escapes."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def print_json(value: Any, *, indent: int | None = None) -> None:
    """Print the value; characters that stdout does not take are written as JSON's escapes."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=indent)
    sys.stdout.write(text + "\n")
