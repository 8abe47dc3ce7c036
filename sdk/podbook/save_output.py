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
        from podbook.frames import ParquetFiles

        files = ParquetFiles()
    save_plain(jsonable(value, frames=files))


def save_plain(plain: Any) -> None:
    """Save a value that is plain JSON already."""
    text = json.dumps(plain, allow_nan=False)
    path = os.environ.get(OUTPUT_VARIABLE)
    if path:
        _write(path, text)
    if len(text) < DISPLAY_LIMIT:
        _display(plain)


def _write(path: str, text: str) -> None:
    """Write the file in one step: a reader sees the old text or the new one."""
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, exist_ok=True)
    # Of this process and thread alone; the same one may write again and again.
    temporary = os.path.join(folder, f".output-{os.getpid()}-{threading.get_ident()}")
    try:
        with open(temporary, "w", encoding="ascii") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def _display(plain: Any) -> None:
    """Show the output as scrapbook's `glue` would, for those who read notebooks with it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return
    data: dict[str, Any] = {OWN_TYPE: {"value": plain}}
    if plain is not None:  # scrapbook cannot read a notebook with a scrap of null.
        encoder = "text" if isinstance(plain, str) else "json"
        scrap = {"name": SCRAP_NAME, "data": plain, "encoder": encoder, "version": 1}
        data["application/scrapbook.scrap." + encoder + "+json"] = scrap
    metadata = {"scrapbook": {"name": SCRAP_NAME, "data": True, "display": False}}
    # A lone surrogate is saved, but a kernel's messages cannot hold it.
    with contextlib.suppress(UnicodeEncodeError):
        shell.display_pub.publish(data=data, metadata=metadata)
