"""Splits what runs told into lines, a piece at a time: others are answered in between.

A batch or a segment may have more than a hundred megabytes, in one line or in millions of them.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

# So much takes less than a few milliseconds, be it all ends of lines.
PIECE: Final = 64 * 1024


async def pieces(data: bytes) -> AsyncIterator[tuple[bytes, list[bytes]]]:
    """Yield whole lines together, and each for itself; a line is never cut, however long it is."""
    at = 0
    while at < len(data):
        end = data.find(b"\n", at + PIECE - 1) + 1 or len(data)
        piece = data[at:end]
        at = end
        yield piece, piece.splitlines(keepends=True)
        await asyncio.sleep(0)


async def split(data: bytes) -> tuple[bytes, ...]:
    """Return all lines, with their ends."""
    found: list[bytes] = []
    async for _, lines in pieces(data):
        found += lines
    return tuple(found)
