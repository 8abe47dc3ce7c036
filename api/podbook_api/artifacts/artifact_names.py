"""What an artifact may be called, and what kind of file its name says it is."""

import re
from typing import Final

from podbook_api.artifacts.store import is_artifact
from podbook_crds import names
from podbook_crds.formats import media_types
from podbook_crds.formats.control_characters import CONTROL

_LONGEST: Final = 512
_LONGEST_PART: Final = 200
_PART: Final = re.compile(rf"(?!\.{{1,2}}$)[^/\\{CONTROL}]+")

HTML_TYPE: Final = f"{media_types.HTML}; charset=utf-8"


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
    if name == names.NOTEBOOK_ARTIFACT:
        return media_types.IPYNB
    known = media_types.of_name(name) or media_types.BYTES
    return f"{known}; charset=utf-8" if known.startswith("text/") else known
