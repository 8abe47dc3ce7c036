"""Finds what would start the kernels of notebooks, by the operator's own rules."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from podbook_cli.doctor.seen import SeenKernel
from podbook_crds.resources.notebook import Notebook
from podbook_operator.config import OperatorConfig
from podbook_operator.pod import kernel_command

# The cluster of a laptop puts the interpreter that was chosen in its place.
_PYTHON: Final = "python"


def seen(
    notebooks: Iterable[Mapping[str, Any]], config: OperatorConfig, *, is_here: bool
) -> Iterator[SeenKernel]:
    """Yield one for each; is_here: kernels are programs of this machine."""
    for each in notebooks:
        try:
            notebook = Notebook.from_resource(dict(each))
        except ValidationError:
            continue  # Of another version of the definitions, which is told elsewhere.
        runtime = notebook.spec.runtime
        argv = tuple(kernel_command.command(runtime, config.kernels) or ())
        yield SeenKernel(
            notebook.id,
            runtime.language,
            runtime.kernel or "",
            argv,
            is_installed=not argv or not is_here or _is_installed(argv[0]),
        )


def _is_installed(program: str) -> bool:
    return program == _PYTHON or shutil.which(program) is not None
