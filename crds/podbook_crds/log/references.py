"""Names a large text that a log has already by its digest, instead of sending it once more.

A chart stands in the event that adds it, and again in every snapshot. In a batch on its way its
digest may stand in the place of its JSON text, between two NULs, which no JSON holds. Whoever takes
the batch in puts the text back, so the events are the same bytes whichever way they came.
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final

# Below it, an object of its own costs more than it saves.
LEAST: Final = 64 * 1024
# From one quote to the next, where no other is meant.
_BETWEEN: Final = re.compile(rb'"[^"]{%d,}+(?=")' % (LEAST - 2))
_REFERENCE: Final = re.compile(rb"\0([0-9a-f]{64})\0")


def large_texts(line: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the large texts of a line of JSON begin and end, with their quotes.

    By few passes over the whole of it: a line may have a million small texts.
    """
    plain = line.replace(rb"\\", b"  ").replace(rb"\"", b"  ")
    quotes, counted = 0, 0
    for found in _BETWEEN.finditer(plain):
        quotes, counted = quotes + plain.count(b'"', counted, found.start()), found.start()
        # Not what stands between two texts, such as many numbers.
        if quotes % 2 == 0:
            yield found.start(), found.end() + 1


def referring(line: bytes, known: set[str]) -> tuple[bytes, set[str]]:
    """Return a line that names those of its large texts that are known, and the digests of all."""
    if len(line) < LEAST:
        return line, set()
    short, at = bytearray(), 0
    digests = set()
    for start, end in large_texts(line):
        digest = sha256(line[start:end]).hexdigest()
        digests.add(digest)
        if digest in known:
            short += line[at:start] + b"\0%s\0" % digest.encode()
            at = end
    return (bytes(short + line[at:]) if at else line), digests


def referred(data: bytes) -> list[str]:
    """Return the digests that stand for texts, each as often as it does."""
    return [digest.decode() for digest in _REFERENCE.findall(data)] if b"\0" in data else []


def whole(data: bytes, texts: Mapping[str, bytes]) -> bytes:
    """Return lines with their texts, by digest; raises LookupError where one is not there."""
    return _REFERENCE.sub(lambda match: texts[match[1].decode()], data)
