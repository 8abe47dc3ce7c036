"""What an artifact may be called, and what kind of file its name says it is."""

import re
from typing import Final

from podbook_api.artifacts.store import is_artifact
from podbook_crds import names

_LONGEST: Final = 512
_LONGEST_PART: Final = 200
_PART: Final = re.compile(r"(?!\.{1,2}$)[^/\\\x00-\x1f\x7f-\x9f]+")

IPYNB_TYPE: Final = "application/x-ipynb+json"
HTML_TYPE: Final = "text/html; charset=utf-8"

_TYPES: Final = {
    "ipynb": IPYNB_TYPE,
    "json": "application/json",
    "html": HTML_TYPE,
    "txt": "text/plain; charset=utf-8",
    "log": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "parquet": "application/vnd.apache.parquet",
}


def is_valid(name: str) -> bool:
    """Tell whether an artifact may have the name: a relative path with nothing special in it."""
    try:
        parts = name.encode().decode().split("/")
    except UnicodeEncodeError:
        return False
    fits = len(name.encode()) <= _LONGEST and is_artifact(name)
    return fits and all(
        _PART.fullmatch(part) is not None and len(part.encode()) <= _LONGEST_PART for part in parts
    )


def media_type(name: str) -> str:
    """Return the type that the name's ending says, with its charset where it is text."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if name == names.NOTEBOOK_ARTIFACT:
        return IPYNB_TYPE
    return _TYPES.get(ending, "application/octet-stream")
