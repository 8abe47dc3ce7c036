"""HTTP/1.1 as uvicorn speaks it, with an end to every wait and words for bytes that are none."""

import asyncio
import json
import sys
from http import HTTPStatus
from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from podbook_api.http import problems
from podbook_api.http.problems import Problem

# From a connection's beginning, or the answer before, until a request's head is there whole.
HEAD_SECONDS: Final = 60.0
# For so long a caller may take nothing of its answer.
STALL_SECONDS: Final = 120.0

# h11's hint for a head without end. Its others are 400, and 501 for codings that it does not know.
_TOO_LARGE: Final = 431
_TWO_LENGTHS: Final = {b"content-length", b"transfer-encoding"}


class Protocol(H11Protocol):
    """One connection; who neither sends nor takes anything does not keep it."""

    _deadline: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._reconsider()

    def data_received(self, data: bytes) -> None:
        """Take in bytes."""
        super().data_received(data)
        self._reconsider()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        self._reconsider()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadlines."""
        _cancel(self._stall)
        _cancel(self._deadline)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Look now and then whether the caller takes what there is for it."""
        super().pause_writing()
        self._watch_writing(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Go on: the caller has taken it."""
        _cancel(self._stall)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; called while h11's error is being handled."""
        error = sys.exc_info()[1]
        hint = getattr(error, "error_status_hint", 0)
        status = _TOO_LARGE if hint == _TOO_LARGE else 400
        # What h11 quotes at the end of some sentences is Python.
        detail = str(error or "").partition(": bytearray(")[0]
        self._refuse(Problem(status, "malformed-request", msg, detail))

    def _reconsider(self) -> None:
        """Have a deadline while a request is to come, and none while one is being answered.

        What is left of a body that nobody wanted counts as the next request.
        """
        # uvicorn's annotation does not tell that there is none before the first request.
        is_waiting = self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]
        if not is_waiting:
            self._distrust()
        if not is_waiting or self.transport.is_closing():
            _cancel(self._deadline)
            self._deadline = None
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _distrust(self) -> None:
        """Answer nothing after a request that a proxy may have seen end elsewhere (RFC 9112)."""
        if {name for name, _ in self.headers} >= _TWO_LENGTHS:
            self.cycle.keep_alive = False

    def _give_up(self) -> None:
        begun, _ = self.conn.trailing_data
        if begun and self.conn.their_state is h11.IDLE:
            detail = f"its head was not there after {HEAD_SECONDS:.0f} s"
            self._refuse(Problem(408, "incomplete", "The request did not come", detail))
        else:
            self.transport.close()

    def _refuse(self, problem: Problem) -> None:
        """Answer what is no request, and close; only close where an answer has begun already."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(self._answer(problem))
        if self.cycle is not None:
            # What the application still says to its half of a request is for nobody.
            self.cycle.disconnected = True
        self.transport.close()

    def _answer(self, problem: Problem) -> bytes:
        body = json.dumps(problems.document(problem)).encode()
        headers = [
            *self.server_state.default_headers,
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        phrase = HTTPStatus(problem.status).phrase
        lines = [
            f"HTTP/1.1 {problem.status} {phrase}".encode(),
            *(b"%s: %s" % pair for pair in headers),
        ]
        return b"\r\n".join([*lines, b"", body])

    def _watch_writing(self, left: int) -> None:
        def look() -> None:
            still_left = self.transport.get_write_buffer_size()
            if still_left >= left:
                self.transport.abort()
            else:
                self._watch_writing(still_left)

        self._stall = self.loop.call_later(STALL_SECONDS, look)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
