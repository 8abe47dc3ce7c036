"""Where a webhook may go, what time and room its receiver has, what is told of a failure."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from podbook_operator.config import WebhookConfig
from podbook_operator.notifications.webhooks.addresses import Forbidden, check, check_host
from podbook_operator.notifications.webhooks.sender import send

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes at least").decode()
OPEN = WebhookConfig(allow_private_addresses=True, timeout_seconds=1)
CLOSED = WebhookConfig(timeout_seconds=1)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def sent(url: str, config: WebhookConfig = CLOSED, secret: str = SECRET) -> Any:
    return await send(url, b"{}", secret=secret, message_id="msg_1", now=NOW, config=config)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "fc00::1",
        "fe80::1%eth0",
        "ff02::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:0:8.8.8.8",
        "::ffff:127.0.0.1",
        "64:ff9b:1::7f00:1",
        "64:ff9b:1::808:808",
        "64:ff9b:1:ffff::1",
        "64:ff9b::7f00:1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2620:0:1::5efe:7f00:1",
        "2620:0:1::200:5efe:a00:1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fec0::1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "240.0.0.1",
    ],
)
def test_no_address_of_this_side_is_allowed(address: str) -> None:
    with pytest.raises(Forbidden):
        check(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1"],
)
def test_public_addresses_are_allowed(address: str) -> None:
    check(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://[::1]:9/",
        "http://localhost:9/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
async def test_whatever_the_url_calls_it_this_side_is_refused(url: str) -> None:
    outcome = await sent(url)

    assert outcome.status is None
    assert outcome.message.startswith("refused: ")
    assert "webhooks.allowPrivateAddresses" in outcome.message


async def test_a_name_that_leads_to_this_side_later_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter(["203.0.113.9", "10.0.0.1"])
    real = socket.getaddrinfo

    def changing(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        if host != "rebinding.example":
            return real(host, port, *arguments, **named)
        family, kind = socket.AF_INET, socket.SOCK_STREAM
        return [
            (family, kind, 6, "", (next(answers), port)),
            (family, kind, 6, "", ("10.0.0.1", port)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", changing)

    outcome = await sent("http://rebinding.example/")

    assert outcome.message.startswith("refused: ")


ODD = (
    *("2130706433", "127.1", "127.0.1", "0x7f.1", "0177.0.0.1", "0x7f000001", "017700000001"),
    *("0", "0x", "1", "127.0.0.1.", "127.1.", "0x7f.0.0.0x1", "00177.0.0.1", "127.0.0.01"),
    *(
        "\uff13.1",
        "\uff11\uff12\uff17.0.0.1",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "[::1]",
        "[::ffff:7f00:1]",
    ),
    *("256.256.256.256", "1.2.3.4.5", "99999999999", "example.0x7f", "a.1", "169.254.43518"),
    *("2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "10.1", "134744072", "8.8.2056"),
)


@pytest.mark.parametrize("host", ODD)
async def test_no_odd_spelling_of_an_address_leads_to_this_side(host: str) -> None:
    with pytest.raises(Forbidden):
        check_host(host)

    outcome = await sent(f"http://{host}:9/")

    assert outcome.status is None
    assert outcome.message.startswith(("refused: ", "the URL cannot be used: "))


@pytest.mark.parametrize("host", ["example.com", "1e100.net.", "a-1", "0x7g", "x.1a", "8.8.8.8"])
def test_names_and_public_addresses_are_hosts(host: str) -> None:
    check_host(host)


@pytest.mark.parametrize(
    "url", ["ftp://example.com/", "file:///etc/passwd", "example.com", "http:"]
)
async def test_only_http_is_spoken(url: str) -> None:
    outcome = await sent(url, OPEN)

    assert outcome.message == "the URL is not http or https"
    assert outcome.is_hopeless


async def test_redirects_are_not_followed() -> None:
    visited = []

    async def redirecting(request: web.Request) -> web.Response:
        visited.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with receiver(redirecting) as url:
        outcome = await sent(url, OPEN)

    assert visited == ["/"]
    assert outcome.status == 307
    assert not outcome.is_delivered
    assert outcome.message == "HTTP status 307: redirects are not followed"


async def test_a_receiver_that_says_nothing_has_a_second() -> None:
    released = asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    async with receiver(silent) as url:
        outcome = await sent(url, OPEN)
        released.set()

    assert outcome.message == "no answer within 1 s"


async def test_of_an_endless_answer_only_the_beginning_is_read() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=500)
        await response.prepare(request)
        try:
            while True:
                await response.write(b"no " * 10_000)
        except ConnectionError:
            return response

    async with receiver(endless) as url:
        outcome = await sent(url, OPEN)

    assert outcome.status == 500
    assert outcome.message.startswith("HTTP status 500: no no")
    assert len(outcome.message) < 300


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%", "påssword"])
async def test_a_secret_that_is_none_is_told_without_its_value(secret: str) -> None:
    outcome = await sent("http://example.com/", secret=secret)

    assert outcome.is_hopeless
    assert outcome.message.startswith("the Secret's value is not whsec_")
    assert "c2hvcnQ" not in outcome.message


async def test_nobody_at_home_is_an_outcome() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    outcome = await sent(f"http://127.0.0.1:{port}/", OPEN)

    assert outcome.status is None
    assert not outcome.is_hopeless
    assert outcome.message


@asynccontextmanager
async def receiver(handler: Callable[[web.Request], Any]) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/"
    finally:
        await runner.cleanup()
