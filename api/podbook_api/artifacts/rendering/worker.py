"""Makes pages one after the other, between stdin and stdout.

`python -m podbook_api.artifacts.rendering.worker`: a process of its own, with bounds that the
kernel keeps, because what it reads was written by others.
"""

import json
import logging
import resource
import signal
import sys
from typing import Any, BinaryIO, Final

from podbook_api.artifacts.rendering.addresses import OwnFile, OwnFiles
from podbook_api.artifacts.rendering.book import NoNotebook

_DETAIL: Final = 500


def main(memory: int, seconds: int) -> None:
    """Answer requests until the input ends; memory in bytes, seconds for one page.

    A request is a line of JSON, {"size", "report", "files"}, the ipynb, and what is known of the
    files, one after the other. The answer is a line, {"ok", "size", "last"}, and the page, or what
    went wrong; after the last one the process ends.
    It also ends at a page that takes too long: nobody else may be left to end it.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The pages of others are full of what nbconvert warns of.
    logging.disable(logging.CRITICAL)
    source, sink = sys.stdin.buffer, _answers()
    last = False
    while not last and (line := source.readline()):
        request = json.loads(line)
        ipynb = source.read(request["size"])
        files = _files(request["files"], source)
        signal.alarm(seconds)
        ok, data = _page(ipynb, files, report=request["report"])
        signal.alarm(0)
        # What a page took is not given back; the next process begins small.
        last = _peak() > memory // 2
        sink.write(json.dumps({"ok": ok, "size": len(data), "last": last}).encode() + b"\n")
        sink.write(data)
        sink.flush()


def _answers() -> BinaryIO:
    """Return the pipe for answers; what anything prints goes to stderr from now on."""
    sink, sys.stdout = sys.stdout.buffer, sys.stderr
    return sink


def _peak() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _files(listed: list[dict[str, Any]], source: BinaryIO) -> OwnFiles:
    """Read the run's files; a size of null says that the content was not sent along."""
    return OwnFiles(
        {
            entry["name"]: OwnFile(
                entry["type"], None if entry["size"] is None else source.read(entry["size"])
            )
            for entry in listed
        }
    )


def _page(ipynb: bytes, files: OwnFiles, *, report: bool) -> tuple[bool, bytes]:
    try:
        from podbook_api.artifacts.rendering.page import page

        return True, page(ipynb, report=report, own=files).encode("utf-8", "replace")
    except MemoryError:
        return False, b"it needs more memory than a page may take"
    except RecursionError:
        return False, b"it is nested too deeply"
    except NoNotebook as error:
        return False, str(error)[:_DETAIL].encode("utf-8", "replace")
    except Exception as error:
        return False, f"{type(error).__name__}: {error}"[:_DETAIL].encode("utf-8", "replace")


if __name__ == "__main__":
    main(memory=int(sys.argv[1]), seconds=int(sys.argv[2]))
