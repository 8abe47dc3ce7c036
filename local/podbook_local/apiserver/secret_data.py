"""Secrets: text is stored as base64, and nothing else is."""

import base64
import binascii

from podbook_local.apiserver.errors import bad_request
from podbook_local.apiserver.records import Object


def encode_text(secret: Object) -> None:
    """Move `stringData` into `data`, in place; ApiError (400) where `data` is not base64."""
    for key, text in (secret.pop("stringData", None) or {}).items():
        data = secret.get("data") or {}
        secret["data"] = data | {key: base64.b64encode(str(text).encode()).decode()}
    for key, text in (secret.get("data") or {}).items():
        try:
            base64.b64decode(text or "", validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise bad_request(
                'Secret in version "v1" cannot be handled as a Secret: illegal base64 data in'
                f" data.{key}"
            ) from error
