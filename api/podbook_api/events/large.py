"""Keeps large texts of a log beside it, each once, however many of its lines show them.

A chart stands in the event that adds it, and again in every snapshot. A line in the store has the
name of such a text in its place, between two NULs, which no JSON holds: what is read is the line
that was told, byte for byte, and nothing that a notebook shows can be taken for a name.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from typing import Final

from podbook_crds.log.references import LEAST, large_texts

_NAME: Final = re.compile(rb"\0([0-9]{12}-[0-9]+-[0-9a-f]{64})\0")


def taken_out(number: int, line: bytes, known: dict[str, str]) -> tuple[bytes, dict[str, bytes]]:
    """Return a line with names for its large texts, and those texts that have to be kept.

    Known are the names of texts that are kept, by digest; those of new ones are added. A name
    begins with the number of the line that brought the text: what is older than a snapshot and
    not named in it can go, whatever is written meanwhile.
    """
    new: dict[str, bytes] = {}
    short, at = bytearray(), 0
    for start, end in large_texts(line):
        text = line[start:end]
        digest = sha256(text).hexdigest()
        if digest not in known:
            known[digest] = name = f"{number:012}-{len(new)}-{digest}"
            new[name] = text
        short += line[at:start] + b"\0%s\0" % known[digest].encode()
        at = end
    return bytes(short + line[at:]), new


async def all_taken_out(
    numbered: Iterable[tuple[int, bytes]], known: dict[str, str]
) -> tuple[list[bytes], dict[str, bytes]]:
    """Do so for lines and their numbers; return the lines, and all texts that have to be kept."""
    lines: list[bytes] = []
    texts: dict[str, bytes] = {}
    for number, line in numbered:
        short = line
        if len(line) >= LEAST:
            # Some milliseconds for some megabytes: not where all requests wait for it.
            short, new = await asyncio.to_thread(taken_out, number, line, known)
            texts |= new
        lines.append(short)
    return lines, texts


def names_in(data: bytes) -> set[str]:
    """Return the names that stand for texts."""
    return {name.decode() for name in _NAME.findall(data)} if b"\0" in data else set()


async def put_back(data: bytes, read: Callable[[str], Awaitable[bytes | None]]) -> bytes | None:
    """Return lines as they were told; None where a text is gone: a snapshot took their place."""
    if not (names := names_in(data)):
        return data
    texts: dict[bytes, bytes] = {}
    for name in names:
        if (text := await read(name)) is None:
            return None
        texts[name.encode()] = text
    return _NAME.sub(lambda match: texts[match[1]], data)


def digest_of(name: str) -> str:
    """Return the digest that a name ends with."""
    return name.rpartition("-")[2]


def number_of(name: str) -> int:
    """Return the number of the line that brought a text."""
    return int(name.partition("-")[0])
