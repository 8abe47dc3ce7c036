"""Reads request bodies: bounded, JSON of the right type, every wrong field named."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any, Final, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from podbook_api.http import content_codings, wrong_values
from podbook_api.http.large_bodies import Body, LargeBodies
from podbook_api.http.problems import Problem
from podbook_crds.formats import strict_json

# A caller that sends nothing for so long has gone, or only means to keep the connection busy.
_SILENCE_SECONDS: Final = 30.0
# After the first 30 s a body has to have come at least so fast, in bytes a second.
_SLOWEST: Final = 4096

_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)

M = TypeVar("M", bound=BaseModel)


async def read(request: Request, *, limit: int) -> bytes:
    """Return the body as it was before its Content-Encoding; limit holds before and after.

    Raises Problem 413 as soon as it is too large, 415 for an unknown coding, and what `chunks`
    raises.
    """
    coding = content_codings.coding_of(request)
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    body = bytearray()
    async for chunk in chunks(request):
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    if not coding:
        return bytes(body)
    try:
        return await asyncio.to_thread(content_codings.ungzipped, bytes(body), limit=limit)
    except content_codings.TooLong as error:
        raise _too_large(limit) from error


async def chunks(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it comes; raise Problem 408 where it comes too slowly, 400 where it ends.

    A byte now and then is as little use as silence, and would last as long as its sender likes.
    """
    stream, clock, size = request.stream(), asyncio.get_running_loop().time, 0
    begun = clock()
    while True:
        slowest = begun + _SILENCE_SECONDS + size / _SLOWEST
        try:
            async with asyncio.timeout_at(min(clock() + _SILENCE_SECONDS, slowest)):
                chunk = await anext(stream, None)
        except TimeoutError as error:
            raise _too_slow(size) from error
        except ClientDisconnect as error:
            raise Problem(400, "incomplete", "The body ended early") from error
        if chunk is None:
            return
        size += len(chunk)
        yield chunk


async def read_body(request: Request, *, limit: int, large: LargeBodies) -> Body:
    """Return the body as JSON; raise Problem 415, 413 or 400, or Busy."""
    media_type, _, said = request.headers.get("content-type", "").partition(";")
    media_type = media_type.strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        # Not only form: a page of another site may send text/plain without being asked.
        raise Problem(
            415,
            "not-json",
            "The body has to be JSON",
            f"send Content-Type: application/json, not {media_type[:100] or 'none'}",
        )
    data = await read(request, limit=limit)
    _check_charset(said, data)
    try:
        return await large.read(data)
    except strict_json.NotJson as error:
        raise Problem(400, "malformed-json", "The body is not JSON", str(error)) from error


def fitted(model: type[M], value: Any) -> M:
    """Return the value as the model; raise Problem 422 with a pointer to each wrong field."""
    try:
        # What a model says of fields that it does not know holds for all that stand in it, too.
        return model.model_validate(value, extra=model.model_config.get("extra"))
    except ValidationError as error:
        shown = error.errors(include_url=False, include_context=False, include_input=False)
        found = wrong_values.violations(shown, model)
        detail = wrong_values.listed(found)
        raise Problem(
            422, "invalid-request", "The request does not fit", detail, violations=found
        ) from error


def _check_charset(parameters: str, data: bytes) -> None:
    """Raise Problem 415 where the bytes mean another text than they are read as."""
    found = _CHARSET.search(parameters)
    charset = "utf-8" if found is None else found[1].lower()
    if charset not in ("utf-8", "utf8") and not data.isascii():
        detail = f"charset is {charset[:40]!r}; JSON is sent as UTF-8 (RFC 8259)"
        raise Problem(415, "not-utf-8", "The body has to be UTF-8", detail)


def _too_slow(size: int) -> Problem:
    return Problem(
        408,
        "incomplete",
        "The body did not come",
        f"only {size} bytes of it came; nobody waits for one of which nothing comes for"
        f" {_SILENCE_SECONDS:.0f} s, or less than {_SLOWEST} bytes a second",
        headers={"Connection": "close"},
    )


def _too_large(limit: int) -> Problem:
    return Problem(
        413,
        "body-too-large",
        "The body is too large",
        f"a body may have {limit} bytes",
        # What is left of it is not read: the connection cannot be used again.
        headers={"Connection": "close"},
    )
