"""Makes pages one after the other, between stdin and stdout.

`python -m podbook_api.artifacts.rendering.worker`: a process of its own, with bounds that the
kernel keeps, because what it reads was written by others.
"""

import sys
from typing import Any

from podbook_api.artifacts.rendering.addresses import OwnFile, OwnFiles
from podbook_api.artifacts.rendering.book import NoNotebook
from podbook_crds.bounded_processes.serving import Refusal, serve


def page_of(request: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return the page of an ipynb, which comes first, and of what is known of the run's files.

    {"report"} says whether it shows neither code nor prompts, {"files"} what the files are.
    """
    # Not at the top: what it imports counts against the first page's bounds.
    from podbook_api.artifacts.rendering.page import page

    ipynb, *contents = parts
    files = _files(request["files"], contents)
    try:
        return page(ipynb, report=request["report"], own=files).encode("utf-8", "replace")
    except NoNotebook as error:
        raise Refusal(str(error)) from error


def _files(listed: list[dict[str, Any]], contents: list[bytes]) -> OwnFiles:
    """Return the run's files; the content of one that is not known was not sent along."""
    left = iter(contents)
    return OwnFiles(
        {
            entry["name"]: OwnFile(entry["type"], next(left) if entry["known"] else None)
            for entry in listed
        }
    )


if __name__ == "__main__":
    serve(page_of, memory=int(sys.argv[1]), seconds=int(sys.argv[2]))
