"""How the operator's work ends: by a signal, or with the first of its parts that ends."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any


def listen(told: asyncio.Event) -> None:
    """Set the event on SIGTERM and SIGINT, in place of whatever would have happened.

    The first process of a container that does nothing about SIGTERM is not ended by it.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)


async def first_of(*parts: Coroutine[Any, Any, object]) -> None:
    """Run all; return when one returns, raise when one raises. The others are left as they are."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
