"""What a run left: its output as a frame, and its files, each with a place below a folder."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from podbook.calling.steps import Ask, path_of


def frame_of(output: Any, pointer: str) -> Any:
    """Return the output, or what the JSON pointer leads to in it, as a pandas DataFrame."""
    import pandas

    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        output = output[int(key)] if isinstance(output, list) else output[key]
    return pandas.DataFrame(output)


def file_of(execution: str, name: str) -> Ask:
    """Ask for a file that a run left."""
    return Ask("GET", f"{path_of(execution)}/artifacts/{quote(name)}")


def places(folder: str | Path, names: list[str]) -> list[Path]:
    """Return where files of these names are saved; raise ValueError for one outside the folder."""
    root = Path(folder)
    found = [root / name for name in names]
    for name, path in zip(names, found, strict=True):
        if not path.resolve().is_relative_to(root.resolve()):
            raise ValueError(f"the server names a file outside the folder: {name!r}")
    return found
