"""Types of what is sent and kept: one name each, and those that a file's ending says."""

from typing import Final

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
EVENT_STREAM: Final = "text/event-stream"
PROBLEM: Final = "application/problem+json"
BYTES: Final = "application/octet-stream"
HTML: Final = "text/html"
TEXT: Final = "text/plain"
IPYNB: Final = "application/x-ipynb+json"
PARQUET: Final = "application/vnd.apache.parquet"
SVG: Final = "image/svg+xml"

_OF_ENDING: Final = {
    "ipynb": IPYNB,
    "json": JSON,
    "html": HTML,
    "txt": TEXT,
    "log": TEXT,
    "csv": "text/csv",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "svg": SVG,
    "pdf": "application/pdf",
    "parquet": PARQUET,
}


def of_name(name: str) -> str | None:
    """Return the type that a file's ending says, None for any that is not known here."""
    _, dot, ending = name.rpartition(".")
    return _OF_ENDING.get(ending.lower()) if dot else None
