"""Undoes what a Content-Encoding did to a body, within the bounds of the body itself."""

import zlib
from typing import Final

from fastapi import Request

from podbook_api.http.problems import Problem

_GZIP: Final = frozenset({"gzip", "x-gzip"})
# zlib's sign for gzip's own header and checksum.
_GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS
# Files that may stand one after the other: to find where the next one begins, all of the rest is
# copied.
_MEMBERS: Final = 100


class TooLong(Exception):
    """What comes out has more bytes than it may."""


def coding_of(request: Request) -> str:
    """Return gzip, or nothing at all; raise Problem 415 for what cannot be undone here."""
    said = request.headers.get("content-encoding", "").lower()
    codings = [
        coding.strip() for coding in said.split(",") if coding.strip() not in ("", "identity")
    ]
    if not codings:
        return ""
    if len(codings) == 1 and codings[0] in _GZIP:
        return "gzip"
    raise refusal(said, "gzip, identity")


def refusal(coding: str, accepted: str) -> Problem:
    """Return the answer to a coding that is none of the accepted ones (RFC 9110, 15.5.16)."""
    return Problem(
        415,
        "unknown-encoding",
        "The body's Content-Encoding is not known here",
        f"Content-Encoding is {coding[:100]!r} and may be: {accepted}",
        headers={"Accept-Encoding": accepted},
    )


def ungzipped(data: bytes, *, limit: int) -> bytes:
    """Return what was compressed; raise TooLong as soon as it is, and Problem 400 for other bytes.

    Never more than limit bytes are made: some kilobytes may stand for gigabytes.
    """
    whole, members = bytearray(), 0
    while data:
        members += 1
        if members > _MEMBERS:
            raise _no_gzip(f"it has more than {_MEMBERS} parts")
        part, data = _member(data, limit + 1 - len(whole))
        whole += part
        if len(whole) > limit:
            raise TooLong
    return bytes(whole)


def _member(data: bytes, longest: int) -> tuple[bytes, bytes]:
    """Return the first of the files that gzip may have put one after the other, and the rest."""
    member = zlib.decompressobj(_GZIP_FORMAT)
    try:
        part = member.decompress(data, longest)
    except zlib.error as error:
        raise _no_gzip(str(error)) from error
    if not member.eof and len(part) < longest:
        raise _no_gzip("it ends early")
    return part, member.unused_data


def _no_gzip(why: str) -> Problem:
    detail = f"Content-Encoding says gzip, and the body is none: {why}"
    return Problem(400, "malformed-encoding", "The body is not gzip", detail)
