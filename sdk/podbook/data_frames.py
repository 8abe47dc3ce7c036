"""Writes frames as Parquet files beside the output, which then only refers to them.

Runs in the kernel: standard library only, Python 3.8 and later. pandas, geopandas and polars are
known by their looks and never imported; who writes the file is their own affair.
"""

from __future__ import annotations  # For Python 3.8.

import os
import re
from typing import Any

# Where the runner looks for files; elsewhere they go below the current folder.
ARTIFACTS_VARIABLE = "PODBOOK_ARTIFACTS"

MEDIA_TYPE = "application/vnd.apache.parquet"


class CannotWriteFrame(ValueError):
    """A frame cannot be a Parquet file; the message names it and what to do."""


class ParquetFiles:
    """The frames of one output, each in a file named after its place: `sales.parquet`."""

    def __init__(self) -> None:
        self._folder = os.environ.get(ARTIFACTS_VARIABLE) or "artifacts"
        self._names: set[str] = set()

    def __call__(self, value: Any, path: str) -> dict[str, Any] | None:
        """Write a frame and return the reference to it; None for any other value.

        Raises CannotWriteFrame.
        """
        write = _writer(value)
        if write is None:
            return None
        name = self._name(path)
        target = os.path.join(self._folder, name)
        os.makedirs(self._folder, exist_ok=True)
        try:
            write(target)
        except ImportError as error:
            raise CannotWriteFrame(
                f"{path} is a frame, and to write it as Parquet this Python needs pyarrow;"
                " run `python -m pip install pyarrow`"
            ) from error
        except Exception as error:  # Of pandas, pyarrow or polars: each has its own.
            if os.path.exists(target):
                os.unlink(target)
            raise CannotWriteFrame(f"{path} cannot be written as Parquet: {error}") from error
        return {
            "artifact": "files/" + name,
            "mediaType": MEDIA_TYPE,
            "rows": len(value),
            "columns": [str(column) for column in value.columns],
        }

    def _name(self, path: str) -> str:
        """Return a name that no other frame of this output has."""
        words = re.findall(r"[\w-]+", path.partition("output")[2]) or ["output"]
        stem = ".".join(words)[:100]
        name, number = stem + ".parquet", 2
        while name in self._names:
            name, number = f"{stem}-{number}.parquet", number + 1
        self._names.add(name)
        return name


def _writer(value: Any) -> Any:
    if isinstance(value, type) or not hasattr(value, "columns"):
        return None
    for method in ("to_parquet", "write_parquet"):  # pandas' name for it, and polars'.
        found = getattr(value, method, None)
        if callable(found):
            return found
    return None
