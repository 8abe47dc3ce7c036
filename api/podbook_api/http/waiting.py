"""How long a caller wants to wait, and no longer than its connection lasts."""

import asyncio
import re
from collections.abc import Awaitable
from typing import Final, TypeVar

from fastapi import Request
from starlette.types import Receive

from podbook_api.http.problems import Problem

T = TypeVar("T")

LONGEST_SECONDS: Final = 60.0
_PREFER: Final = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d+)\"?\s*(?=$|[,;])", re.IGNORECASE)


class HungUp(Exception):
    """The caller's connection ended; nobody reads an answer any more."""


def seconds(request: Request, wait: str | None) -> float:
    """Return what ?wait= or `Prefer: wait=` asks for; raise Problem 422 for what is no number."""
    if wait is None:
        preferred = _PREFER.search(request.headers.get("prefer", ""))
        # A preference may be followed as far as it goes (RFC 7240).
        return min(float(preferred[1]), LONGEST_SECONDS) if preferred else 0.0
    try:
        asked = float(wait)
    except ValueError:
        asked = -1.0
    if not 0 <= asked <= LONGEST_SECONDS:
        detail = f"wait is a number of seconds from 0 to {LONGEST_SECONDS:.0f}, not {wait[:40]!r}"
        raise Problem(422, "invalid-request", "The query does not fit", detail)
    return asked


async def while_connected(request: Request, awaited: Awaitable[T]) -> T:
    """Return the result, or raise HungUp as soon as the caller's connection ends."""
    work = asyncio.ensure_future(awaited)
    gone = asyncio.ensure_future(disconnected(request.receive))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise HungUp
        return await work
    finally:
        work.cancel()
        gone.cancel()


async def disconnected(receive: Receive) -> None:
    """Return when the caller's connection has ended; whatever else it sends is passed over."""
    while (await receive())["type"] != "http.disconnect":
        pass
