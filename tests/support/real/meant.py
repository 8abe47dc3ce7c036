"""How papermill and Podbook differ on purpose: the table of docs/how-to/migrate.md."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from podbook_runner.cells.output_limits import FIRST_OUTPUTS, LAST_OUTPUTS
from podbook_runner.cells.stream_text import STREAM_LIMIT
from tests.support.real.seen import Cells

_ERROR_MARK: Final = "papermill-error-cell-tag"


def _same(cells: Cells) -> Cells:
    return cells


@dataclass(frozen=True)
class Difference:
    """One row: its words in the document, and the notebooks that show it.

    papermill is what it raises where Podbook goes on; brings makes of its cells what Podbook shows.
    is_timed says that a kernel's timer decides where else it shows: of any notebook then.
    """

    what: str
    notebooks: tuple[str, ...]
    is_timed: bool = False
    papermill: str = ""
    brings: Callable[[Cells], Cells] = _same

    def may_show_in(self, name: str) -> bool:
        """Tell whether the notebook may be another for it."""
        return self.is_timed or name in self.notebooks


def _without_marks(cells: Cells) -> Cells:
    return [cell for cell in cells if _ERROR_MARK not in cell.tags]


def _outputs(change: Callable[[list[Any]], list[Any]]) -> Callable[[Cells], Cells]:
    return lambda cells: [replace(c, outputs=tuple(change(list(c.outputs)))) for c in cells]


def _joined(outputs: list[Any]) -> list[Any]:
    found: list[Any] = []
    for output in outputs:
        name = output.get("name")
        if found and name is not None and found[-1].get("name") == name:
            found[-1] = {**found[-1], "text": found[-1]["text"] + output["text"]}
        else:
            found.append(output)
    return found


def _as_a_terminal(outputs: list[Any]) -> list[Any]:
    return [{**o, "text": _folded(o["text"])} if "text" in o else o for o in outputs]


def _folded(text: str) -> str:
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rpartition("\r")[2] for line in lines)


def _as_python_writes(cells: Cells) -> Cells:
    return [
        replace(c, source=f"# Parameters\n{ast.unparse(ast.parse(c.source))}\n")
        if "injected-parameters" in c.tags
        else c
        for c in cells
    ]


def _first_and_last(outputs: list[Any]) -> list[Any]:
    kept = FIRST_OUTPUTS + LAST_OUTPUTS - 1
    if len(outputs) <= kept:
        return outputs
    said = f"… {len(outputs) - kept:,} outputs were left out here …\n"
    marker = {"name": "stderr", "output_type": "stream", "text": said}
    return [*outputs[:FIRST_OUTPUTS], marker, *outputs[1 - LAST_OUTPUTS :]]


def _start_and_end(outputs: list[Any]) -> list[Any]:
    return [{**o, "text": _shortened(o["text"])} if "text" in o else o for o in outputs]


def _shortened(text: str) -> str:
    if len(text) <= STREAM_LIMIT:
        return text
    half = STREAM_LIMIT // 2
    said = f"\n… {len(text) - STREAM_LIMIT:,} characters were left out here …\n"
    return f"{text[:half]}{said}{text[-half:]}"


MEANT: Final = (
    Difference(
        "A cell tagged `raises-exception` raises",
        ("raises-exception",),
        papermill="PapermillExecutionError",
    ),
    Difference(
        "The kernel that a notebook names is not installed, or it names none",
        (
            "conda-environment",
            "kernel-of-python-2",
            "databricks",
            "format-3",
            "kernelspec-language-only",
        ),
        papermill="kernel",
    ),
    Difference(
        "`null` where the format has a list or an object: `tags`, `kernelspec`",
        ("tags-null", "kernelspec-null"),
        papermill="NoneType",
    ),
    Difference("A byte order mark before the JSON", ("byte-order-mark",), papermill="NotJSONError"),
    Difference(
        "An output that the notebook format does not allow",
        ("altair-6",),
        papermill="NotebookValidationError",
    ),
    Difference(
        "The cells that mark an error",
        (
            "databricks",
            "raises",
            "raises-exception",
            "asks-for-input",
            "ends-with-status",
            "cannot-be-drawn",
        ),
        brings=_without_marks,
    ),
    Difference(
        "What is printed",
        ("streams-tqdm-and-colours",),
        is_timed=True,
        brings=_outputs(_joined),
    ),
    Difference(
        "Carriage returns",
        ("streams-tqdm-and-colours", "magics-and-await"),
        brings=_outputs(_as_a_terminal),
    ),
    Difference(
        "Texts in the injected cell of a Python notebook",
        ("colab", "papermill", "given-parameters"),
        brings=_as_python_writes,
    ),
    Difference("More than 1 000 outputs of a cell", ("large",), brings=_outputs(_first_and_last)),
    Difference(
        "More than a million characters printed by a cell",
        ("large",),
        brings=_outputs(_start_and_end),
    ),
)
