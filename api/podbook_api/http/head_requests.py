"""Answers HEAD as GET, without the body: no route has to think of it."""

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What a route may still do after its answer began. A stream would go on for as long as it lasts.
_AFTERWARDS_SECONDS: Final = 1.0


class Heads:
    """Turns HEAD into GET on the way in, and ends the answer where its body would begin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        answered = asyncio.Event()

        async def bodiless(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                answered.set()

        asked = asyncio.ensure_future(self._app({**scope, "method": "GET"}, receive, bodiless))
        told = asyncio.ensure_future(answered.wait())
        try:
            await asyncio.wait({asked, told}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                await asyncio.wait({asked}, timeout=_AFTERWARDS_SECONDS)
            if asked.done():
                asked.result()
        finally:
            asked.cancel()
            told.cancel()
