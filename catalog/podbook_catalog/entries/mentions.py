"""Finds the other notebooks that a notebook's cells name: those go along, the rest stays."""

import posixpath
import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, Final

# In quotes a name may hold blanks; without them, as in `%run ./child.ipynb`, it may not.
_QUOTED: Final = re.compile(r"""["']([^"'\n]{1,1024}\.ipynb)["']""")
_BARE: Final = re.compile(r"""[^\s"'`()\[\]{},;=<>|&]{1,1024}\.ipynb\b""")


def mentioned_notebooks(notebook: dict[str, Any]) -> frozenset[str]:
    """Return the paths ending in .ipynb that its code cells name, whatever they do with them."""
    found: set[str] = set()
    for cell in notebook["cells"]:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if ".ipynb" in text:
            found.update(_QUOTED.findall(text), _BARE.findall(text))
    return frozenset(found)


def resolved(mentions: Iterable[str], *, folder: PurePosixPath) -> frozenset[PurePosixPath]:
    """Return where in the catalog they may stand: seen from the notebook's folder, or the root."""
    paths = set()
    for mention in mentions:
        for base in (folder, PurePosixPath()):
            path = posixpath.normpath((base / mention).as_posix())
            if not path.startswith(("/", "../")):
                paths.add(PurePosixPath(path))
    return frozenset(paths)
