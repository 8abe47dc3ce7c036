"""Does one piece of reading after the other: `python -m podbook_api.http.reading.worker`.

A process of its own, bounded. Which function does it is said by the API, never by what is read.
"""

import sys
from importlib import import_module
from typing import Any

from podbook_crds.bounded_processes.serving import serve


def answer(request: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return what the function that the request names makes of the parts."""
    module, _, name = request["work"].partition(":")
    made: bytes = getattr(import_module(module), name)(request, parts)
    return made


if __name__ == "__main__":
    serve(answer, memory=int(sys.argv[1]), seconds=int(sys.argv[2]))
