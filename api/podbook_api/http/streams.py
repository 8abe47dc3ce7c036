"""Answers that go on: server-sent events or lines of JSON, for as long as somebody reads."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from podbook_api.http.waiting import disconnected
from podbook_crds.formats import media_types

NDJSON: Final = media_types.NDJSON
EVENT_STREAM: Final = media_types.EVENT_STREAM

# A reader that takes nothing for so long is left: it comes back to where it was.
_STALLED_SECONDS: Final = 30.0


def wants_lines(request: Request) -> bool:
    """Tell whether the caller asked for lines of JSON instead of server-sent events."""
    return NDJSON in request.headers.get("accept", "")


class Stream(Response):
    """Sends each chunk as it comes, never more than one ahead of its reader."""

    def __init__(self, chunks: AsyncIterator[bytes], media_type: str) -> None:
        super().__init__(media_type=media_type)
        self._chunks = chunks
        del self.headers["content-length"]
        self.headers["Cache-Control"] = "no-store"
        # nginx would keep a stream back until it is long enough.
        self.headers["X-Accel-Buffering"] = "no"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the chunks end, the reader goes, or it does not read."""
        sending = asyncio.ensure_future(self._send(send))
        gone = asyncio.ensure_future(disconnected(receive))
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                # That somebody does not read is no fault of the server's: no traceback.
                with contextlib.suppress(TimeoutError):
                    sending.result()
        finally:
            for task in (sending, gone):
                task.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)

    async def _send(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        # Closed here: what the chunks hold is let go of as soon as nobody reads them.
        async with contextlib.aclosing(self._chunks) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                body = {"type": "http.response.body", "body": chunk, "more_body": True}
                await asyncio.wait_for(send(body), _STALLED_SECONDS)
        await send({"type": "http.response.body", "body": b""})
