"""Turns logs into notebooks and notebooks into logs, between stdin and stdout.

`python -m podbook_api.events.worker`: a process of its own, bounded, because both were written by
what ran in a pod.
"""

import json
import sys
from typing import Any

from podbook_crds.bounded_processes.serving import Refusal, serve
from podbook_crds.log.events import written
from podbook_crds.log.from_notebook import events_of
from podbook_crds.log.replay import replay

_BROKEN = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


def answer(request: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return the notebook of a log's segments, or the lines of a notebook's log."""
    try:
        if request["wanted"] == "notebook":
            return _notebook(b"".join(parts))
        return b"".join(written(event) for event in events_of(json.loads(parts[0])))
    except _BROKEN as error:
        raise Refusal(f"{type(error).__name__}: {error}") from error


def _notebook(lines: bytes) -> bytes:
    notebook = replay(json.loads(line) for line in lines.splitlines())
    if notebook is None:
        raise Refusal("the log brings no notebook")
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    # A lone surrogate has no UTF-8; its backslash form is the JSON escape for it.
    return text.encode("utf-8", "backslashreplace")


if __name__ == "__main__":
    serve(answer, memory=int(sys.argv[1]), seconds=int(sys.argv[2]))
