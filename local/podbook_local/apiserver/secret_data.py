"""Secrets: text is stored as base64, and nothing else is."""

import base64
import binascii

from podbook_local.apiserver.errors import Cause
from podbook_local.apiserver.records import Object


def encode_text(secret: Object) -> None:
    """Move `stringData` into `data`, in place."""
    for key, text in (secret.pop("stringData", None) or {}).items():
        data = secret.get("data") or {}
        secret["data"] = data | {key: base64.b64encode(str(text).encode()).decode()}


def secret_problems(secret: Object) -> list[Cause]:
    """Return the keys whose value is not base64."""
    found = []
    for key, text in (secret.get("data") or {}).items():
        try:
            base64.b64decode(text or "", validate=True)
        except (binascii.Error, TypeError, ValueError):
            found.append(Cause(f"data[{key}]", "Invalid value: illegal base64 data"))
    return found
