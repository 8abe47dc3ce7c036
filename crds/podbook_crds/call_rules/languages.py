"""Which language a notebook is written in, by what it says of itself."""

import json
from typing import Any, Final

from podbook_crds import names
from podbook_crds.resources.execution import Execution

DEFAULT: Final = "python"

# What a label or an annotation of Kubernetes can be trusted to hold, and no language's name needs.
_LONGEST: Final = 63


# Languages that parameters can be written in; another is believed only where no kernel is named.
KNOWN: Final = frozenset(
    {
        *("python", "r", "julia", "bash", "scala", "matlab"),
        *("c#", "csharp", "f#", "fsharp", "powershell", "pwsh"),
    }
)
# Kernels whose language is known by their names, whatever else a file says.
_OF_KERNEL: Final = {
    **dict.fromkeys(("python", "python2", "python3", "pysparkkernel"), "python"),
    **dict.fromkeys(("ir", "sparkrkernel"), "r"),
    "bash": "bash",
    "sparkkernel": "scala",
    ".net-csharp": "c#",
    ".net-fsharp": "f#",
    ".net-powershell": "powershell",
}


def said_by(notebook: Any) -> str | None:
    """Return the language of a parsed ipynb in small letters, or None where it says none.

    What a well-known kernel's name says stands where the language is odd: `python3` with `none`
    runs in Jupyter, which never looks at the language.
    """
    said = _said_by(notebook)
    return said if said in KNOWN else _of_kernel(kernel_of(notebook)) or said


def kernel_of(notebook: Any) -> str:
    """Return the name of the kernel that a parsed ipynb was written with; "" where it has none."""
    metadata = notebook.get("metadata") if isinstance(notebook, dict) else None
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    name = spec.get("name") if isinstance(spec, dict) else None
    return name if isinstance(name, str) else ""


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


def _of_kernel(name: str) -> str | None:
    # Named with their version: julia-1.11.
    return "julia" if name.startswith("julia") else _OF_KERNEL.get(name)


def _said_by(notebook: Any) -> str | None:
    metadata = notebook.get("metadata") if isinstance(notebook, dict) else None
    if not isinstance(metadata, dict):
        return None
    for section, key in (("kernelspec", "language"), ("language_info", "name")):
        part = metadata.get(section)
        language = part.get(key) if isinstance(part, dict) else None
        if isinstance(language, str) and 0 < len(language) <= _LONGEST:
            return language.lower()
    return None
