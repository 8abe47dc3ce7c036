"""Sends one webhook: signed, bounded in time and size, to no address it must not go to."""

import base64
from datetime import datetime
from typing import Final

import aiohttp
from standardwebhooks import Webhook
from yarl import URL

from podbook_operator.config import WebhookConfig
from podbook_operator.notifications.webhooks.addresses import Forbidden, PublicResolver, check_host
from podbook_operator.notifications.webhooks.delivery import Outcome

_AGENT: Final = "podbook-webhooks"
# Of the answer, to be told if it is an error; the rest is not read.
_READ: Final = 1024
_SHOWN: Final = 200
# What Standard Webhooks asks of a secret.
_KEY_BYTES: Final = 24


async def send(
    url: str, body: bytes, *, secret: str, message_id: str, now: datetime, config: WebhookConfig
) -> Outcome:
    """Return what came of it; the secret never gets into an outcome."""
    try:
        headers = _signed(body, secret=secret, message_id=message_id, now=now)
    except ValueError:
        told = f"the Secret's value is not whsec_ and base64 of at least {_KEY_BYTES} bytes"
        return Outcome(message=told, is_hopeless=True)
    try:
        return await _posted(URL(url), body, headers, config)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return _failed(error, config)


async def _posted(url: URL, body: bytes, headers: dict[str, str], config: WebhookConfig) -> Outcome:
    if url.scheme not in ("http", "https") or not url.host:
        return Outcome(message="the URL is not http or https", is_hopeless=True)
    resolver = None
    if not config.allow_private_addresses:
        check_host(url.host)
        resolver = PublicResolver()
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
    timeout = aiohttp.ClientTimeout(total=config.timeout_seconds)
    # No proxy of the environment: it would resolve the name itself, past the check.
    async with (
        aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            trust_env=False,
            # A kilobyte that unpacks to gigabytes is not worth a look.
            auto_decompress=False,
        ) as session,
        session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        text = await answer.content.read(_READ)
        if answer.status < 300:  # noqa: PLR2004
            return Outcome(status=answer.status)
        return Outcome(status=answer.status, message=_told(answer.status, text))


def _signed(body: bytes, *, secret: str, message_id: str, now: datetime) -> dict[str, str]:
    """Return the headers of Standard Webhooks; raise ValueError where the secret is none."""
    text = secret.removeprefix("whsec_")
    if len(base64.b64decode(text + "=" * (-len(text) % 4), validate=True)) < _KEY_BYTES:
        raise ValueError("too short")
    return {
        "content-type": "application/json",
        "user-agent": _AGENT,
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, now, body.decode()),
    }


def _told(status: int, text: bytes) -> str:
    if status < 400:  # noqa: PLR2004
        return f"HTTP status {status}: redirects are not followed"
    said = " ".join(text.decode("utf-8", "replace").split())[:_SHOWN]
    return f"HTTP status {status}{': ' if said else ''}{said}"


def _failed(error: Exception, config: WebhookConfig) -> Outcome:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, Forbidden):
        return Outcome(message=f"refused: {cause}; see webhooks.allowPrivateAddresses")
    if isinstance(error, TimeoutError):
        return Outcome(message=f"no answer within {config.timeout_seconds:g} s")
    if isinstance(error, aiohttp.InvalidURL):
        return Outcome(message=f"the URL cannot be used: {error}", is_hopeless=True)
    return Outcome(message=f"{type(error).__name__}: {error}")
