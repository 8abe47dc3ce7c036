"""Turns notebooks into pages, one after the other, between stdin and stdout.

A process of its own: nbconvert takes a second to import, and what it reads was written by others.
"""

import json
import sys
from typing import Any, BinaryIO


def main(source: BinaryIO = sys.stdin.buffer, sink: BinaryIO = sys.stdout.buffer) -> None:
    """Answer requests until the input ends: {"size", "report"}, a line break, and the ipynb."""
    while line := source.readline():
        request = json.loads(line)
        ipynb = source.read(request["size"])
        try:
            ok, data = True, page(ipynb, report=request["report"]).encode("utf-8", "replace")
        except Exception as error:
            ok, data = False, f"{type(error).__name__}: {error}"[:500].encode("utf-8", "replace")
        sink.write(json.dumps({"ok": ok, "size": len(data)}).encode() + b"\n" + data)
        sink.flush()


def page(ipynb: bytes, *, report: bool) -> str:
    """Return the page; a report shows neither code nor prompts."""
    import nbformat
    from nbconvert import HTMLExporter

    notebook: Any = nbformat.reads(ipynb.decode("utf-8"), as_version=4)
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        exclude_input=report,
        exclude_input_prompt=report,
        exclude_output_prompt=report,
    )
    html, _ = exporter.from_notebook_node(notebook)
    return str(html)


if __name__ == "__main__":
    main()
