"""Reads the few small messages that kubectl sends as protobuf and as nothing else."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Final

from podbook_cluster.apiserver.terms.errors import unsupported_media_type

MEDIA_TYPE: Final = "application/vnd.kubernetes.protobuf"

_MAGIC: Final = b"k8s\0"
_CONTINUES: Final = 0x80
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

# Field number -> name, and for a nested message its own fields.
Fields = Mapping[int, tuple[str, "Fields | str | None"]]

# Kinds of fields: a repeated text, a map of text, a map of bytes.
_TEXTS: Final = "[]"
_TEXT_MAP: Final = "{text}"
_BYTES_MAP: Final = "{bytes}"

_METADATA: Final[Fields] = {
    1: ("name", None),
    2: ("generateName", None),
    3: ("namespace", None),
    11: ("labels", _TEXT_MAP),
    12: ("annotations", _TEXT_MAP),
}
_RESOURCE_ATTRIBUTES: Final[Fields] = {
    1: ("namespace", None),
    2: ("verb", None),
    3: ("group", None),
    4: ("version", None),
    5: ("resource", None),
    6: ("subresource", None),
    7: ("name", None),
}
_PATH_ATTRIBUTES: Final[Fields] = {1: ("path", None), 2: ("verb", None)}
_BOUND_OBJECT: Final[Fields] = {
    1: ("kind", None),
    2: ("apiVersion", None),
    3: ("name", None),
    4: ("uid", None),
}
_MESSAGES: Final[Mapping[str, Fields]] = {
    "SelfSubjectReview": {1: ("metadata", _METADATA)},
    "SelfSubjectAccessReview": {
        1: ("metadata", _METADATA),
        2: (
            "spec",
            {
                1: ("resourceAttributes", _RESOURCE_ATTRIBUTES),
                2: ("nonResourceAttributes", _PATH_ATTRIBUTES),
            },
        ),
    },
    "SelfSubjectRulesReview": {
        1: ("metadata", _METADATA),
        2: ("spec", {1: ("namespace", None)}),
    },
    "TokenRequest": {
        1: ("metadata", _METADATA),
        2: (
            "spec",
            {
                1: ("audiences", _TEXTS),
                3: ("boundObjectRef", _BOUND_OBJECT),
                4: ("expirationSeconds", None),
            },
        ),
    },
    "Namespace": {1: ("metadata", _METADATA)},
    "ServiceAccount": {1: ("metadata", _METADATA)},
    "ConfigMap": {
        1: ("metadata", _METADATA),
        2: ("data", _TEXT_MAP),
        3: ("binaryData", _BYTES_MAP),
    },
    "Secret": {
        1: ("metadata", _METADATA),
        2: ("data", _BYTES_MAP),
        3: ("type", None),
        4: ("stringData", _TEXT_MAP),
    },
    "DeleteOptions": {
        1: ("gracePeriodSeconds", None),
        2: ("preconditions", {1: ("uid", None), 2: ("resourceVersion", None)}),
        4: ("propagationPolicy", None),
        5: ("dryRun", _TEXTS),
    },
}


def decode(data: bytes) -> dict[str, Any]:
    """Return the object of a protobuf body.

    Raises:
        ApiError: 415 for every kind but those that kubectl sends in no other way.

    """
    if not data.startswith(_MAGIC):
        raise unsupported_media_type("the body is not Kubernetes protobuf")
    try:
        envelope = dict(_fields(data[len(_MAGIC) :]))
        type_meta = dict(_fields(_bytes(envelope[1])))
        kind = _bytes(type_meta[2]).decode()
        if kind not in _MESSAGES:
            raise unsupported_media_type(
                f"this server does not read {kind} as protobuf; send application/json, or"
                " let `kubectl … --dry-run=client -o yaml` write a file for `kubectl apply -f`"
            )
        value = _message(_bytes(envelope.get(2, b"")), _MESSAGES[kind])
        return {"apiVersion": _bytes(type_meta[1]).decode(), "kind": kind, **value}
    except (KeyError, IndexError, ValueError) as error:
        raise unsupported_media_type(f"the protobuf body can't be read: {error}") from error


def _message(data: bytes, known: Fields) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for number, content in _fields(data):
        # Protobuf writes empty texts; JSON leaves them out.
        if number not in known or content == b"":
            continue
        name, inner = known[number]
        if inner == _TEXTS:
            value.setdefault(name, []).append(_bytes(content).decode())
        elif inner in (_TEXT_MAP, _BYTES_MAP):
            entry = dict(_fields(_bytes(content)))
            item = _bytes(entry.get(2, b""))
            text = base64.b64encode(item) if inner == _BYTES_MAP else item
            value.setdefault(name, {})[_bytes(entry[1]).decode()] = text.decode()
        elif isinstance(inner, Mapping):
            value[name] = _message(_bytes(content), inner)
        else:
            value[name] = content.decode() if isinstance(content, bytes) else content
    return value


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == _VARINT:
            value, at = _varint(data, at)
            yield number, value
        elif wire_type == _BYTES:
            size, at = _varint(data, at)
            yield number, data[at : at + size]
            at += size
        elif wire_type in (_FIXED64, _FIXED32):
            at += 8 if wire_type == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {wire_type}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < _CONTINUES:
            return value, at


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError("a message was expected")  # noqa: TRY004  (what the caller catches)
    return value
