"""What a notebook is called: its id from its path, its resource's name from its id."""

import hashlib
import re
import unicodedata
from pathlib import PurePath
from typing import Final

# A DNS label (RFC 1123): safe as a resource name, as a label value and in a host name.
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_HASH_LENGTH: Final = 8
_SLUG_LENGTH: Final = 63 - _HASH_LENGTH - 1


def id_of(path: PurePath) -> str:
    """Return the id of the notebook at the path below the folder: the path without .ipynb.

    Always with slashes and in Unicode's composed form: macOS hands out decomposed file names,
    and the same notebook must have the same id everywhere.
    """
    return composed(path.with_suffix("").as_posix())


def composed(text: str) -> str:
    """Return the text in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", text)


def resource_name(notebook_id: str, *, taken_by: str = "") -> str:
    """Return the id itself where it is a DNS label, else a slug and a short hash of it.

    taken_by tells notebooks of one id apart: the path of the one that does not hold the id.
    """
    if _LABEL.fullmatch(notebook_id) and not taken_by:
        return notebook_id
    slug = re.sub(r"[^a-z0-9]+", "-", _ascii(notebook_id).lower()).strip("-")[:_SLUG_LENGTH]
    digest = hashlib.sha256(f"{notebook_id}\0{taken_by}".encode()).hexdigest()[:_HASH_LENGTH]
    return f"{slug.rstrip('-') or 'notebook'}-{digest}"


def _ascii(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return decomposed.encode("ascii", "ignore").decode()
