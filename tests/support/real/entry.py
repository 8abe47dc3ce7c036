"""One notebook of the catalog of real shapes: what was saved, and what becomes of it."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]

COMPLETED: Final = "NotebookCompleted"
PYTHON: Final = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE: Final = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": "3.11.9",
}


@dataclass(frozen=True)
class Real:
    """A notebook as some tool saved it.

    shows are texts that stand on its page; says is in the message of a run that failed, or in the
    problem of a notebook that is refused. needs names the kernelspec of another language; where it
    is not installed, without_it is said.
    """

    name: str
    notebook: Json | bytes
    shows: tuple[str, ...] = ()
    reason: str = COMPLETED
    says: str = ""
    parameters: Json = field(default_factory=dict)
    needs: str = ""
    without_it: str = ""
    # What papermill is told to run it with, where the file names a kernel that is not there.
    papermill_kernel: str = ""
    # Whether papermill shows sometimes this and sometimes that: such a one is not compared.
    is_left_to_chance: bool = False

    @property
    def file(self) -> str:
        return f"{self.name}.ipynb"

    def data(self) -> bytes:
        """Return the file's content, indented as Jupyter saves it."""
        if isinstance(self.notebook, bytes):
            return self.notebook
        return json.dumps(self.notebook, indent=1, ensure_ascii=False).encode() + b"\n"


def code(
    source: str, *, outputs: tuple[Json, ...] = (), count: int | None = None, **more: Any
) -> Json:
    """Return a code cell, its source as the lines that Jupyter saves; more is its metadata."""
    return {
        "cell_type": "code",
        "execution_count": count,
        "metadata": more,
        "outputs": list(outputs),
        "source": source.splitlines(keepends=True),
    }


def prose(source: str, **more: Any) -> Json:
    return {"cell_type": "markdown", "metadata": more, "source": source.splitlines(keepends=True)}


def raw(source: str, **more: Any) -> Json:
    return {"cell_type": "raw", "metadata": more, "source": source.splitlines(keepends=True)}


def saved(*cells: Json, minor: int = 5, ids: bool | None = None, **metadata: Any) -> Json:
    """Return a notebook of format 4; with ids from 4.5 on, unless it is said otherwise."""
    identified = minor >= 5 if ids is None else ids
    named = [
        {**cell, "id": f"a1b2c3d{n:x}"} if identified else cell for n, cell in enumerate(cells)
    ]
    kept = {"kernelspec": PYTHON, "language_info": LANGUAGE} | metadata
    whole = {"cells": named, "metadata": {k: v for k, v in kept.items() if v is not ...}}
    return {**whole, "nbformat": 4, "nbformat_minor": minor}


def printed(text: str, name: str = "stdout") -> Json:
    return {"name": name, "output_type": "stream", "text": text.splitlines(keepends=True)}
