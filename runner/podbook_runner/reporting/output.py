"""Finds what the notebook saved as its output."""

import io
import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from nbformat import NotebookNode

from podbook_crds.errors import Violation
from podbook_crds.formats.json_text import compact
from podbook_crds.names import OUTPUT_TYPE
from podbook_runner.files.safe_files import UnsafeFile, open_beneath
from podbook_runner.files.work_folder import OUTPUT_FILE, WorkFolder
from podbook_runner.kernel.messages import is_deeper
from podbook_runner.reporting.saved import Saved

ROOT: Final = "/output"

# Bytes of JSON. More belongs into a file under artifacts/.
OUTPUT_LIMIT: Final = 32 * 1024 * 1024

# As many levels as parameters may have; pydantic, which reads results, takes a few more.
_DEPTH: Final = 200

_SCRAP: Final = "application/scrapbook.scrap."
_JUPYREST_SCRAP: Final = "nbschema_outputs"


@dataclass(frozen=True, slots=True)
class Output:
    """What was saved; text is its JSON, None where nothing usable was saved."""

    value: Any = None
    text: bytes | None = None
    problems: list[Violation] = field(default_factory=list)


def find(place: WorkFolder, notebook: NotebookNode, shown: Saved | None = None) -> Output:
    """Return the output that was saved last.

    The file's, or what save_output showed after it was written; where neither is there, what
    scrapbook's scraps in the notebook hold.
    """
    shown = shown or Saved()
    try:
        with open_beneath(place.root, OUTPUT_FILE) as file:
            found = os.fstat(file.fileno())
            if shown.at is not None and shown.at >= found.st_mtime:
                return _of(shown.value)
            return _from_file(file, found.st_size)
    except FileNotFoundError:
        return _from_scraps(notebook) if shown.at is None else _of(shown.value)
    except (OSError, UnsafeFile) as error:
        return Output(problems=[Violation(ROOT, f"cannot be read: {error}")])


def _from_file(file: io.BufferedReader, size: int) -> Output:
    if size > OUTPUT_LIMIT:
        said = f"has {size:,} bytes; the limit is {OUTPUT_LIMIT:,}: save a file instead"
        return Output(problems=[Violation(ROOT, said)])
    return parsed(file.read(OUTPUT_LIMIT + 1))


def _of(value: Any) -> Output:
    return parsed(json.dumps(value).encode())


def parsed(data: bytes) -> Output:
    """Return the output in JSON text; what JSON lacks, or nobody could read again, is a problem."""
    try:
        value = json.loads(data, parse_constant=_refuse, parse_float=_finite)
        text = compact(value)
    except (ValueError, RecursionError) as error:
        return Output(problems=[Violation(ROOT, f"is not JSON: {error}")])
    if is_deeper(value, _DEPTH):
        return Output(problems=[Violation(ROOT, f"is nested more than {_DEPTH} levels deep")])
    return Output(value, text)


def _finite(number: str) -> float:
    """Return the number; one beyond every double would become an infinity."""
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"the number {number[:40]} is larger than a number can be")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value; save null or a string instead")


def _from_scraps(notebook: NotebookNode) -> Output:
    """Scraps that others glued: jupyrest's own is the output, else each by its name."""
    scraps: dict[str, Any] = {}
    for cell in notebook.cells:
        for name, data in _scraps(cell):
            scraps[name] = data
    if _JUPYREST_SCRAP in scraps:
        data = scraps[_JUPYREST_SCRAP]
        return (
            parsed(data.encode("utf-8", "backslashreplace")) if isinstance(data, str) else _of(data)
        )
    return _of(scraps) if scraps else Output()


def _scraps(cell: NotebookNode) -> Iterator[tuple[str, Any]]:
    for output in cell.get("outputs", ()):
        data = output.get("data") or {}
        if OUTPUT_TYPE in data:  # save_output's own, which is a scrap for others to read.
            continue
        for kind, scrap in data.items():
            # pandas frames are Parquet in base64, which only their reader understands.
            known = kind.startswith(_SCRAP) and not kind.startswith(f"{_SCRAP}pandas")
            if known and isinstance(scrap, dict) and "name" in scrap:
                yield str(scrap["name"]), scrap.get("data")
