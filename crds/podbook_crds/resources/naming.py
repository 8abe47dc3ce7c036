"""What a notebook's resource is called, from the id that callers know it by."""

import hashlib
import re
import unicodedata
from typing import Final

# A DNS label (RFC 1123): safe as a resource name, as a label value and in a host name.
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_HASH_LENGTH: Final = 8
_SLUG_LENGTH: Final = 63 - _HASH_LENGTH - 1


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
