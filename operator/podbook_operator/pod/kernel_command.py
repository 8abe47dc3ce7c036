"""Which command starts the kernel of a runtime."""

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


def command(runtime: Runtime, kernels: Mapping[str, Kernel]) -> list[str] | None:
    """Return the kernel's argv, or None where neither its name nor its language is known."""
    if runtime.command:
        template = runtime.command
    elif runtime.kernel is not None and runtime.kernel in kernels:
        template = kernels[runtime.kernel].command
    else:
        template = COMMANDS.get(runtime.language.lower(), [])
    return [part.replace(_CONNECTION, names.CONNECTION_FILE) for part in template] or None
