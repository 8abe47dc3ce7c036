"""Runs of many rows at once, on an event loop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import islice
from typing import TypeVar

from podbook.calling.rows import AtOnce, total_of
from podbook.calling.steps import Json

T = TypeVar("T")


async def runs(
    at_once: AtOnce, rows: Iterable[Json], run: Callable[[Json], Awaitable[T]]
) -> AsyncIterator[T]:
    """Yield what each row came to; who leaves early waits for no other."""
    known, done, total = iter(rows), 0, total_of(rows)
    waiting = [asyncio.ensure_future(run(row)) for row in islice(known, at_once.parallel)]
    try:
        while waiting:
            looked_at = waiting[:1] if at_once.ordered else waiting
            await asyncio.wait(looked_at, return_when=asyncio.FIRST_COMPLETED)
            ended = next(task for task in looked_at if task.done())
            waiting.remove(ended)
            waiting += [asyncio.ensure_future(run(row)) for row in islice(known, 1)]
            done += 1
            at_once.tell(done, total)
            yield ended.result()
    finally:
        for task in waiting:
            task.cancel()
