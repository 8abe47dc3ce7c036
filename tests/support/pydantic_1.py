"""An environment whose pydantic is version 1, without installing one."""

import os
import sysconfig
from pathlib import Path
from typing import Final

SITE: Final = sysconfig.get_path("platlib")

# pydantic 2 carries all of pydantic 1: here it is what `import pydantic` gives.
_PACKAGE: Final = f"""
import sys

__path__ = [{str(Path(SITE) / "pydantic")!r}]
from pydantic.v1 import *
from pydantic.v1 import schema

sys.modules["pydantic.schema"] = schema
"""


def python_path(folder: Path) -> str:
    """Return a PYTHONPATH for `python -S`, with the rest of this environment."""
    package = folder / "pydantic_1" / "pydantic"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(_PACKAGE)
    return os.pathsep.join([str(package.parent), SITE])
