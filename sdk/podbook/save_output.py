"""Saves what a notebook answers with.

Runs in the kernel: standard library only, Python 3.8 and later.
"""

from __future__ import annotations  # For Python 3.8.

import contextlib
import json
import os
import sys
import threading
from typing import Any

from podbook.jsonable import jsonable

# Where the runner reads the output; other languages write their JSON there themselves.
OUTPUT_VARIABLE = "PODBOOK_OUTPUT"
# The same place, seen from the folder that every kernel imports this from, and from its folders.
LIBRARY = os.path.join(".podbook", "lib")
OUTPUT_FILE = os.path.join(".podbook", "output.json")

# What the environment said at first: settings code and tests clear it.
_AT_FIRST = os.environ.get(OUTPUT_VARIABLE)

# Bytes. Above it the notebook shows no copy for those who read notebooks with scrapbook.
DISPLAY_LIMIT = 1024 * 1024

# How data frames are saved: as records in the output, or as files beside it.
FRAMES = ("json", "parquet")

SCRAP_NAME = "output"
OWN_TYPE = "application/vnd.podbook.output+json"


def save_output(value: Any, *, frames: str = "json") -> None:
    """Save the notebook's output; called again, the last value counts.

    Takes plain data, datetimes, Decimal, dataclasses, enums, numpy, pandas and pydantic values;
    see `podbook.jsonable` for how each is written. With frames="parquet" each data frame becomes
    an artifact, and the output holds {"artifact", "mediaType", "rows", "columns"} in its place.

    Raises NotSerialisable, a TypeError, with the path to what cannot be saved, and ValueError
    where a frame cannot be written. Outside of Podbook only the display and the files are made.
    """
    if frames not in FRAMES:
        raise ValueError("frames is {!r}; write one of {}".format(frames, ", ".join(FRAMES)))
    files = None
    if frames == "parquet":
        from podbook.data_frames import ParquetFiles

        files = ParquetFiles()
    save_plain(jsonable(value, frames=files))


def save_plain(plain: Any) -> None:
    """Save a value that is plain JSON already."""
    # Letters as themselves: as escapes, a text in Chinese would be twice as long as it is. A lone
    # surrogate has no UTF-8; its backslash form is the JSON escape for it.
    text = json.dumps(plain, allow_nan=False, ensure_ascii=False).encode(
        "utf-8", "backslashreplace"
    )
    path = place()
    if path:
        _write(path, text)
    if len(text) < DISPLAY_LIMIT:
        _display(plain, written=bool(path))
    if not path:
        _tell(plain)


def place() -> str | None:
    """Return the file of the output, or None outside of a run.

    The path that modules come from is asked first: nobody changes it by accident, and a forked or
    spawned process has it too. A process with neither it nor the variable may still be somewhere
    in the run's folders.
    """
    for entry in reversed(sys.path):
        if str(entry).endswith(os.sep + LIBRARY):
            return os.path.join(os.path.dirname(str(entry)), "output.json")
    return os.environ.get(OUTPUT_VARIABLE) or _AT_FIRST or _above()


def _above() -> str | None:
    try:
        folder = os.getcwd()
    except OSError:  # It was deleted.
        return None
    while not os.path.isdir(os.path.join(folder, LIBRARY)):
        folder, child = os.path.dirname(folder), folder
        if folder == child:
            return None
    return os.path.join(folder, OUTPUT_FILE)


def _write(path: str, text: bytes) -> None:
    """Write the file in one step: a reader sees the old text or the new one."""
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, exist_ok=True)
    # Of this process and thread alone; the same one may write again and again.
    temporary = os.path.join(folder, f".output-{os.getpid()}-{threading.get_ident()}")
    try:
        with open(temporary, "wb") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def _display(plain: Any, *, written: bool) -> None:
    """Show the output as scrapbook's `glue` would, for those who read notebooks with it.

    written says that the file holds it, and so whatever is saved later; else this is all there is.
    """
    shell = _shell()
    if shell is None:
        return
    data: dict[str, Any] = {OWN_TYPE: {"value": plain, "written": written}}
    if plain is not None:  # scrapbook cannot read a notebook with a scrap of null.
        encoder = "text" if isinstance(plain, str) else "json"
        scrap = {"name": SCRAP_NAME, "data": plain, "encoder": encoder, "version": 1}
        data["application/scrapbook.scrap." + encoder + "+json"] = scrap
    metadata = {"scrapbook": {"name": SCRAP_NAME, "data": True, "display": False}}
    # A lone surrogate is saved, but a kernel's messages cannot hold it.
    with contextlib.suppress(UnicodeEncodeError):
        shell.display_pub.publish(data=data, metadata=metadata)


def _tell(plain: Any) -> None:
    """Tell an author in Jupyter what a caller would get."""
    shell = _shell()
    if shell is None:
        return
    try:
        from podbook.outside_a_run import tell
    except ImportError:  # In a run whose kernel no longer knows that it is in one.
        return
    tell(plain, shell)


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None
