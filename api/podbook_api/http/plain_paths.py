"""Refuses paths with control characters, however they are spelled, before anything reads them."""

import re
from typing import Final
from urllib.parse import unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from podbook_api.http import problems
from podbook_api.http.problems import Problem
from podbook_crds.formats.control_characters import CONTROL

# C1 also as bytes that are no UTF-8.
_CONTROL: Final = re.compile(rf"[{CONTROL}\udc80-\udc9f]")
# Somebody between here and the caller may have decoded a path once more, or will.
_SPELLINGS: Final = 4


class PlainPaths:
    """Lets through what has a path that a line of a log, or a pattern, cannot be fooled by."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or answer it."""
        app = self._app
        if scope["type"] == "http" and not _is_plain(scope["raw_path"]):
            app = problems.response(_problem())
        await app(scope, receive, send)


def _is_plain(raw: bytes) -> bool:
    text = raw.decode("utf-8", "surrogateescape")
    for _ in range(_SPELLINGS):
        if _CONTROL.search(text):
            return False
        decoded = unquote(text, errors="surrogateescape")
        if decoded == text:
            return True
        text = decoded
    return False


def _problem() -> Problem:
    return Problem(
        400,
        "malformed-path",
        "The path is none of this API's",
        "a path holds no control characters, such as %0A, and is percent-encoded once",
    )
