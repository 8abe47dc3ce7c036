"""Turns logs into notebooks and notebooks into logs: work for a reader, as pods wrote both."""

import json
from collections.abc import Callable
from typing import Any, Final

from podbook_crds.bounded_processes.serving import Refusal
from podbook_crds.log.events import written
from podbook_crds.log.from_notebook import events_of
from podbook_crds.log.replay import replay

_BROKEN: Final = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


def notebook(_: dict[str, Any], segments: list[bytes]) -> bytes:
    """Return the ipynb that the segments of a log tell of."""
    return _told(_notebook, b"".join(segments))


def lines(_: dict[str, Any], ipynb: list[bytes]) -> bytes:
    """Return the lines of the log that a notebook shows to have been."""
    return _told(_lines, ipynb[0])


def _notebook(log: bytes) -> bytes:
    found = replay(json.loads(line) for line in log.splitlines())
    if found is None:
        raise Refusal("the log brings no notebook")
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    # A lone surrogate has no UTF-8; its backslash form is the JSON escape for it.
    return text.encode("utf-8", "backslashreplace")


def _lines(ipynb: bytes) -> bytes:
    return b"".join(written(event) for event in events_of(json.loads(ipynb)))


def _told(make: Callable[[bytes], bytes], data: bytes) -> bytes:
    try:
        return make(data)
    except _BROKEN as error:
        raise Refusal(f"{type(error).__name__}: {error}") from error
