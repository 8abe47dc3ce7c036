"""Gives papermill's client and account of the cells, without what only its other uses need.

papermill's package also imports what its cloud paths, its HTTP paths and its command line are made
of: half of a runner's time on the processor before the first cell, while a kernel is waiting.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final

# papermill offers a path's scheme where the package behind it is found; a pod opens none of them.
# None in sys.modules: it cannot be imported.
_ABSENT: Final = ("azure", "boto3", "gcsfs", "github", "pyarrow.fs")
# Imported by papermill, and run by nothing that is used here.
_ON_DEMAND: Final = ("click", "requests")


class _OnDemand(ModuleType):
    """Stands for a package until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # What the import system itself asks for.
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


_left_out = [name for name in _ABSENT if name not in sys.modules]
for _name in _left_out:
    sys.modules[_name] = None  # type: ignore[assignment]
for _name in _ON_DEMAND:
    sys.modules.setdefault(_name, _OnDemand(_name))

from papermill.clientwrap import PapermillNotebookClient  # noqa: E402  (after the lines above)
from papermill.engines import NotebookExecutionManager  # noqa: E402

# Whoever asks for them later gets them.
for _name in _left_out:
    del sys.modules[_name]

__all__ = ["NotebookExecutionManager", "PapermillNotebookClient"]
