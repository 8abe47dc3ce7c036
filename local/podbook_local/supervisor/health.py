"""Asks a part whether it is well: a process that runs may still have stopped answering."""

import asyncio
from dataclasses import dataclass
from typing import Final

_OK: Final = b" 200 "
_LINE_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class Question:
    """Where to ask, and how patiently; counted in questions, not in seconds.

    A machine that slept, or was too busy to ask, has asked no oftener for it.
    """

    host: str
    port: int
    path: str
    every_seconds: float = 5.0
    answer_seconds: float = 5.0
    # Without an answer in a row: of one that has answered before, and of one that is starting.
    tries: int = 6
    first_tries: int = 24


async def wait_until_unwell(question: Question) -> str:
    """Return, once too many questions had no good answer, what is wrong in words."""
    left = question.first_tries
    why = ""
    while left > 0:
        await asyncio.sleep(question.every_seconds)
        why = await _asked(question)
        left = left - 1 if why else question.tries
    return why


async def wait_until_well(question: Question, *, every_seconds: float) -> None:
    """Return as soon as a question has a good answer."""
    while await _asked(question):
        await asyncio.sleep(every_seconds)


async def _asked(question: Question) -> str:
    """Return what is wrong, or nothing."""
    try:
        async with asyncio.timeout(question.answer_seconds):
            line = await _first_line(question)
    except TimeoutError:
        return f"no answer within {question.answer_seconds:.0f} s"
    except OSError as error:
        return f"no answer: {error.strerror or error}"
    return "" if _OK in line else f"it answers {line.decode(errors='replace').strip()!r}"


async def _first_line(question: Question) -> bytes:
    reader, writer = await asyncio.open_connection(question.host, question.port)
    try:
        head = f"GET {question.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        return (await reader.read(_LINE_BYTES)).split(b"\r\n", 1)[0]
    finally:
        writer.transport.abort()
