"""Which command starts the kernel of a runtime."""

import re
from collections.abc import Mapping
from typing import Final

from podbook_crds import names
from podbook_crds.resources.notebook import Runtime
from podbook_operator.config import Kernel

_CONNECTION: Final = "{connection_file}"

# An image's own kernelspecs cannot be read from outside. History is off: kernels that share a HOME
# would wait for each other's lock on its file.
COMMANDS: Final[dict[str, list[str]]] = {
    "python": [
        "python",
        "-m",
        "ipykernel_launcher",
        "-f",
        _CONNECTION,
        "--HistoryManager.enabled=False",
    ],
    "r": ["R", "--slave", "-e", "IRkernel::main()", "--args", _CONNECTION],
    "julia": ["julia", "-i", "-e", "import IJulia; IJulia.run_kernel()", _CONNECTION],
    "bash": ["python", "-m", "bash_kernel", "-f", _CONNECTION],
}


# What Jupyter calls the plain kernel of each language, wherever it is installed.
_USUAL: Final = (
    (re.compile(r"python[23]?"), "python"),
    (re.compile(r"ir"), "r"),
    (re.compile(r"julia(-[0-9.]+)?"), "julia"),
    (re.compile(r"bash"), "bash"),
)


def command(
    runtime: Runtime, kernels: Mapping[str, Kernel], *, asked: str | None = None
) -> list[str] | None:
    """Return the kernel's argv, or None where neither its name nor its language is known.

    asked is the kernel that the caller named, and means that one or none. A notebook's own may be a
    made-up name of its editor: there the language decides.
    """
    if asked is not None:
        template = _named(asked, kernels)
    elif runtime.command:
        template = runtime.command
    elif runtime.kernel is not None and runtime.kernel in kernels:
        template = kernels[runtime.kernel].command
    else:
        template = COMMANDS.get(runtime.language.lower(), [])
    return [part.replace(_CONNECTION, names.CONNECTION_FILE) for part in template] or None


def known(kernels: Mapping[str, Kernel]) -> str:
    """Return the names that a caller may ask for, for a sentence."""
    return ", ".join(sorted({*kernels, "python3", "ir", "julia", "bash"}))


def _named(asked: str, kernels: Mapping[str, Kernel]) -> list[str]:
    """Names are case-insensitive, as Jupyter's are."""
    name = asked.lower()
    for configured, kernel in kernels.items():
        if configured.lower() == name:
            return kernel.command
    usual = (language for pattern, language in _USUAL if pattern.fullmatch(name))
    return COMMANDS.get(next(usual, ""), [])
