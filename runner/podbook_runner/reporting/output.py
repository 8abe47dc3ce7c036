"""Finds what the notebook saved as its output."""

import io
import json
import math
import os
from dataclasses import dataclass, field, replace
from typing import Any, Final

from nbformat import NotebookNode

from podbook_crds.errors import Violation
from podbook_crds.formats.json_text import compact
from podbook_crds.resources.warning import RunWarning
from podbook_runner.files.safe_files import UnsafeFile, open_beneath
from podbook_runner.files.work_folder import OUTPUT_FILE, WorkFolder
from podbook_runner.kernel.messages import is_deeper
from podbook_runner.reporting import scraps
from podbook_runner.reporting.saved import Saved
from podbook_runner.reporting.scraps import Scrap

ROOT: Final = "/output"

# Bytes of JSON. More belongs into a file under artifacts/.
OUTPUT_LIMIT: Final = 32 * 1024 * 1024

# As many levels as parameters may have; pydantic, which reads results, takes a few more.
_DEPTH: Final = 200

_JUPYREST_SCRAP: Final = "nbschema_outputs"


@dataclass(frozen=True, slots=True)
class Output:
    """What was saved; text is its JSON, None where nothing usable was saved."""

    value: Any = None
    text: bytes | None = None
    problems: list[Violation] = field(default_factory=list)
    # What is worth knowing of it, and is no fault of the rest.
    warnings: list[RunWarning] = field(default_factory=list)


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
    try:
        text = json.dumps(value)
    except (ValueError, RecursionError) as error:
        return Output(problems=[Violation(ROOT, f"is not JSON: {error}")])
    return parsed(text.encode())


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
    values: dict[str, Any] = {}
    warnings: list[RunWarning] = []
    for scrap in scraps.of(notebook):
        if scrap.problem or (scrap.name != _JUPYREST_SCRAP and _unusable(scrap)):
            warnings.append(scraps.told(scrap, scrap.problem or _unusable(scrap)))
        else:
            values[scrap.name] = scrap.data
    return replace(_of_scraps(values), warnings=warnings)


def _of_scraps(values: dict[str, Any]) -> Output:
    if _JUPYREST_SCRAP not in values:
        return _of(values) if values else Output()
    data = values[_JUPYREST_SCRAP]
    return parsed(data.encode("utf-8", "backslashreplace")) if isinstance(data, str) else _of(data)


def _unusable(scrap: Scrap) -> str:
    """Return why the scrap's data can be no part of an output: it costs the others nothing."""
    problems = _of({scrap.name: scrap.data}).problems
    return problems[0].message if problems else ""
