"""Knows whether what `podbook up` starts is installed, and how people get it where it is not."""

import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Final

from podbook_cli.exits import BadInput

# Of each part that is started one module that nothing in the base brings along.
_NEEDED: Final = ("aiohttp", "cel", "fastapi", "ipykernel", "kopf", "papermill", "uvicorn")
_WHAT: Final = "'podbook[local]'"


def demand_local_parts() -> None:
    """Raise BadInput, with the line to type, where only SDK and command line are installed."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise BadInput(
            f"to serve a folder on this machine takes more than podbook's base ({missing[0]} is"
            f" missing); type: {install_line(Path(sys.prefix))}"
        )


def install_line(prefix: Path) -> str:
    """Return the command that puts the extra into the environment, by the tool that made it."""
    parts = prefix.parts
    if "pipx" in parts:
        return f"pipx install --force {_WHAT}"
    if ("uv", "tools") in pairwise(parts):
        return f"uv tool install {_WHAT}"
    if "archive-v0" in parts:  # uvx keeps its environments there.
        return f"uvx --from {_WHAT} podbook"
    python = prefix / "bin" / "python"
    if find_spec("pip") is None:
        return f"uv pip install --python {python} {_WHAT}"
    return f"{python} -m pip install {_WHAT}"
