"""What agents read of a value: JSON in bounds, without what no client can take."""

import json
import re
from typing import Any, Final

# Characters of an output that are read at once, and above which it is left out of the envelope.
READ: Final = 16 * 1024
WHOLE: Final = 64 * 1024
_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def clean(text: str) -> str:
    """Return the text as UTF-8 has it: a lone surrogate would break the whole answer."""
    return text.encode("utf-8", "replace").decode()


def cleaned(value: Any) -> Any:
    """Return a JSON value whose texts are all UTF-8."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(clean(text))
    return value


def written(value: Any) -> str:
    """Return the value as JSON to be read."""
    return clean(json.dumps(value, ensure_ascii=False, indent=1))


def plain(text: str) -> str:
    """Return the text without a terminal's colours."""
    return clean(_ANSI.sub("", text))


def last_lines(text: str, count: int, *, longest: int = 400) -> list[str]:
    """Return the last lines that say something."""
    lines = [line.rstrip()[:longest] for line in plain(text).splitlines()]
    return [line for line in lines if line][-count:]
