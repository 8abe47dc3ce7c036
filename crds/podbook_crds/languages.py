"""Which language a notebook is written in, by what it says of itself."""

import json
from typing import Any, Final

from podbook_crds import names
from podbook_crds.resources.execution import Execution

DEFAULT: Final = "python"

# What a label or an annotation of Kubernetes can be trusted to hold, and no language's name needs.
_LONGEST: Final = 63


def said_by(notebook: Any) -> str | None:
    """Return the language of a parsed ipynb in small letters, or None where it says none."""
    metadata = notebook.get("metadata") if isinstance(notebook, dict) else None
    if not isinstance(metadata, dict):
        return None
    for section, key in (("kernelspec", "language"), ("language_info", "name")):
        part = metadata.get(section)
        language = part.get(key) if isinstance(part, dict) else None
        if isinstance(language, str) and 0 < len(language) <= _LONGEST:
            return language.lower()
    return None


def of_inline(execution: Execution) -> str:
    """Return the language of the notebook that an execution brought along.

    One inside the resource says it itself; for a blob the API wrote it down.
    """
    noted = execution.annotations.get(names.LANGUAGE_ANNOTATION)
    if noted or execution.spec.notebook.ipynb is None:
        return noted or DEFAULT
    try:
        return said_by(json.loads(execution.spec.notebook.ipynb)) or DEFAULT
    except (ValueError, RecursionError):
        return DEFAULT  # No notebook at all: the runner says so, with the artifacts to show it.
