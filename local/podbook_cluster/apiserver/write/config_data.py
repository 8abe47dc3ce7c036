"""What config maps and secrets may hold: keys that can be the names of files, and 1 MiB."""

import base64
import binascii
from collections.abc import Iterator
from typing import Final

from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.terms.errors import Cause, bad_request
from podbook_cluster.apiserver.terms.identifiers import is_config_key

_LIMIT_BYTES: Final = 2**20


def config_map_problems(config_map: Object) -> list[Cause]:
    """Return what is wrong with a config map; ApiError (400) where binary data is not base64."""
    text, binary = config_map.get("data") or {}, config_map.get("binaryData") or {}
    found = [*_key_problems("data", text), *_key_problems("binaryData", binary)]
    found += [
        Cause(f"data[{key}]", f'Invalid value: "{key}": duplicate of key present in binaryData')
        for key in text
        if key in binary
    ]
    size = sum(len(value.encode()) for value in text.values())
    size += sum(len(_decoded("ConfigMap", "binaryData", *item)) for item in binary.items())
    return found + _size_problems("", size)


def secret_problems(secret: Object) -> list[Cause]:
    """Return what is wrong with a secret; ApiError (400) where its data is not base64."""
    data = secret.get("data") or {}
    size = sum(len(_decoded("Secret", "data", *item)) for item in data.items())
    return [*_key_problems("data", data), *_size_problems("data", size)]


def encode_text(secret: Object) -> None:
    """Move a secret's `stringData` into `data`, in place."""
    for key, text in (secret.pop("stringData", None) or {}).items():
        data = secret.get("data") or {}
        secret["data"] = data | {key: base64.b64encode(str(text).encode()).decode()}


def _key_problems(field: str, data: Object) -> Iterator[Cause]:
    for key in data:
        if not is_config_key(key):
            yield Cause(
                f"{field}[{key}]",
                f'Invalid value: "{key}": a valid config key must consist of alphanumeric'
                " characters, '-', '_' or '.', and must not be '.' nor begin with '..'",
            )


def _size_problems(field: str, size: int) -> list[Cause]:
    if size <= _LIMIT_BYTES:
        return []
    return [
        Cause(field, f"Too long: may not be more than {_LIMIT_BYTES} bytes", "FieldValueTooLong")
    ]


def _decoded(kind: str, field: str, key: str, text: str) -> bytes:
    try:
        return base64.b64decode(text or "", validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise bad_request(
            f'{kind} in version "v1" cannot be handled as a {kind}: illegal base64 data in'
            f" {field}.{key}"
        ) from error
