"""What names content: `sha256:` and the 64 hexadecimal digits of its bytes' SHA-256."""

import hashlib
import re
from typing import Final

PATTERN: Final = r"^sha256:[0-9a-f]{64}$"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


def is_digest(text: str) -> bool:
    """Tell whether a text is a digest as it is written here."""
    return _DIGEST.fullmatch(text) is not None


def digest_of(data: bytes) -> str:
    """Return the digest of bytes."""
    return written(hashlib.sha256(data).hexdigest())


def written(hexadecimal: str) -> str:
    """Return the digest whose digits are known."""
    return f"sha256:{hexadecimal}"
