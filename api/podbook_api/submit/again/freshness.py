"""How old an answer a request takes: its Cache-Control, of which RFC 9111 has the words."""

from collections.abc import Awaitable, Callable
from typing import Final, TypedDict

from starlette.requests import Request

from podbook_api.auth.caller import visitor_of
from podbook_api.auth.rights import READ_EXECUTION_RIGHT
from podbook_api.http.problems import Problem

# More digits are a time that nothing here lives to see.
_DIGITS: Final = 10


class Freshness(TypedDict):
    """The fields of a call's request that are about answers of before."""

    fresh: bool
    max_age: int | None
    may_read: Callable[[str], Awaitable[bool]]


def of(request: Request, *, max_age: int | None = None) -> Freshness:
    """Return what the request says; max_age stands in its body. Raises Problem 400."""
    fresh, said = read(", ".join(request.headers.getlist("cache-control")))
    ages = [age for age in (said, max_age) if age is not None]

    async def may_read(name: str) -> bool:
        return await visitor_of(request).may(READ_EXECUTION_RIGHT.access(name))

    return {"fresh": fresh, "max_age": min(ages, default=None), "may_read": may_read}


def read(header: str) -> tuple[bool, int | None]:
    """Return whether it has to be a run of its own, and how many seconds old an answer may be."""
    directives = {}
    for part in header.split(","):
        name, _, value = part.partition("=")
        directives[name.strip().lower()] = value.strip().strip('"')
    if "only-if-cached" in directives:
        raise Problem(
            400,
            "unknown-switch",
            "The request asks for what this path does not know",
            "Cache-Control: only-if-cached wants no run, and this path would begin one",
        )
    fresh = not directives.keys().isdisjoint({"no-cache", "no-store"})
    if "max-age" not in directives:
        return fresh, None
    age = directives["max-age"]
    # What is no number of seconds counts as none at all: an answer that is old is never given.
    is_number = age.isascii() and age.isdigit()
    return fresh, (int(age) if len(age) <= _DIGITS else 10**_DIGITS) if is_number else 0
