"""A connection ends where its caller does nothing with it, and every refusal says why."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from podbook_api.http.protocol import HEAD_SECONDS, STALL_SECONDS, Protocol

HOST = b"Host: localhost\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
SAID = "said"


class Line(asyncio.Transport):
    """The transport of a connection that nobody is at the other end of."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.waiting = 0
        self.closed = False
        self.aborted = False

    def write(self, data: Any) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def answers(self) -> list[bytes]:
        return bytes(self.written).split(b"HTTP/1.1 ")[1:]

    def refusal(self) -> dict[str, Any]:
        """Return the problem document of the one answer there is."""
        (answer,) = self.answers()
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"content-type: application/problem+json\r\n" in head
        assert head.endswith(b"connection: close")
        document: dict[str, Any] = json.loads(body)
        assert head.startswith(str(document["status"]).encode())
        return document


class Later:
    """A call that is put off."""

    def __init__(self, seconds: float, call: Callable[[], None]) -> None:
        self.seconds = seconds
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """The part of a loop that a connection needs; time goes by only where a test says so."""

    def __init__(self) -> None:
        self.put_off: list[Later] = []
        self.tasks: list[asyncio.Task[None]] = []

    def call_later(self, seconds: float, call: Callable[[], None]) -> Later:
        self.put_off.append(Later(seconds, call))
        return self.put_off[-1]

    def create_task(self, work: Any, **_: Any) -> asyncio.Task[None]:
        self.tasks.append(asyncio.get_running_loop().create_task(work))
        return self.tasks[-1]

    def due(self, seconds: float) -> list[Later]:
        return [later for later in self.put_off if later.seconds == seconds and not later.cancelled]

    def strike(self, seconds: float) -> None:
        """Let the one deadline of that length come."""
        (later,) = self.due(seconds)
        later.cancelled = True
        later.call()


class Connection:
    """A connection as its transport drives it; `release` lets the application answer."""

    def __init__(self) -> None:
        self.line, self.clock, self.release = Line(), Clock(), asyncio.Event()
        config = uvicorn.Config(self._answered, log_config=None, lifespan="off", interface="asgi3")
        loop: Any = self.clock
        self.protocol = Protocol(config, ServerState(), {}, _loop=loop)
        self.protocol.connection_made(self.line)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.release.wait()
        await PlainTextResponse(SAID)(scope, receive, send)

    async def answer(self) -> None:
        """Let the application answer everything that was asked."""
        self.release.set()
        async with asyncio.timeout(60):
            await asyncio.gather(*self.clock.tasks)


@pytest.fixture
async def connection() -> Connection:
    return Connection()


async def test_who_never_asks_is_hung_up_on(connection: Connection) -> None:
    connection.clock.strike(HEAD_SECONDS)

    assert connection.line.closed
    assert not connection.line.written


async def test_a_head_that_trickles_has_the_time_of_one_that_comes_at_once(
    connection: Connection,
) -> None:
    for byte in b"GET / HTTP/1.1\r\nHost: lo":
        connection.protocol.data_received(bytes([byte]))

    connection.clock.strike(HEAD_SECONDS)

    assert connection.line.refusal()["status"] == 408
    assert connection.line.closed


async def test_an_answer_may_take_as_long_as_it_takes(connection: Connection) -> None:
    connection.protocol.data_received(GET)

    assert not connection.clock.due(HEAD_SECONDS)

    await connection.answer()

    assert [SAID.encode() in answer for answer in connection.line.answers()] == [True]
    assert len(connection.clock.due(HEAD_SECONDS)) == 1


async def test_what_is_left_of_an_unwanted_body_has_an_end_too(connection: Connection) -> None:
    connection.protocol.data_received(POST + b"5\r\nhello\r\n")
    await connection.answer()
    for _ in range(10):
        connection.protocol.data_received(b"1\r\nx\r\n")

    connection.clock.strike(HEAD_SECONDS)

    assert connection.line.closed
    assert len(connection.line.answers()) == 1


async def test_nothing_is_left_to_strike_once_a_connection_is_lost(connection: Connection) -> None:
    connection.protocol.pause_writing()
    connection.protocol.connection_lost(None)

    assert not connection.clock.due(HEAD_SECONDS)
    assert not connection.clock.due(STALL_SECONDS)


@pytest.mark.parametrize(
    ("sent", "status", "detail"),
    [
        pytest.param(b"\x16\x03\x01\r\n\r\n", 400, "illegal request line", id="TLS"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, "Host", id="no host"),
        pytest.param(b"GET /" + b"a" * 70_000, 431, "too long", id="a head without end"),
    ],
)
async def test_what_is_no_http_is_refused_with_a_reason(
    connection: Connection, sent: bytes, status: int, detail: str
) -> None:
    connection.protocol.data_received(sent)

    document = connection.line.refusal()
    assert document["status"] == status
    assert detail in document["detail"]
    assert connection.line.closed


async def test_of_a_body_that_breaks_before_the_answer_only_the_refusal_is_told(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    connection.protocol.data_received(POST + b"zz\r\n")
    await connection.answer()

    document = connection.line.refusal()
    assert (document["status"], document["detail"]) == (400, "illegal chunk header")
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_body_that_breaks_after_the_answer_gets_no_second_one(
    connection: Connection,
) -> None:
    connection.protocol.data_received(POST)
    await connection.answer()
    connection.protocol.data_received(b"zz\r\n")

    assert len(connection.line.answers()) == 1
    assert connection.line.closed


@pytest.mark.parametrize(
    ("lengths", "answers"),
    [
        pytest.param(b"Content-Length: 5\r\n", 2, id="one length"),
        pytest.param(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", 1, id="two lengths"),
    ],
)
async def test_no_request_can_hide_behind_one_whose_end_is_in_doubt(
    connection: Connection, lengths: bytes, answers: int
) -> None:
    post = b"POST / HTTP/1.1\r\n" + HOST + lengths + b"\r\n0\r\n\r\n"
    connection.protocol.data_received(post + GET)
    await connection.answer()
    await connection.answer()

    assert len(connection.line.answers()) == answers
    assert connection.line.closed is (answers == 1)


async def test_a_caller_may_take_its_answer_slowly_but_not_not_at_all(
    connection: Connection,
) -> None:
    connection.line.waiting = 1_000_000
    connection.protocol.pause_writing()
    connection.line.waiting = 999_999
    connection.clock.strike(STALL_SECONDS)

    assert not connection.line.aborted

    connection.clock.strike(STALL_SECONDS)

    assert connection.line.aborted


async def test_an_answer_that_was_taken_is_not_watched_any_more(connection: Connection) -> None:
    connection.protocol.pause_writing()
    connection.protocol.resume_writing()

    assert not connection.clock.due(STALL_SECONDS)
