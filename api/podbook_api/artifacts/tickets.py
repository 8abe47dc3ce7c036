"""Tickets: an address of one artifact that needs no token, for five minutes.

A link and a download of a browser carry no Authorization header, and no cookie may reach the
origin that shows outputs. A ticket opens one artifact of one execution and nothing else.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from datetime import UTC, datetime, timedelta
from typing import Final

from podbook_api.artifacts.store import Store
from podbook_api.http.problems import Problem

# One for all replicas: they share the store, and who reads the store reads every artifact anyway.
KEY_PATH: Final = "keys/tickets"
_KEY_BYTES: Final = 32
LIFETIME: Final = timedelta(minutes=5)


class Tickets:
    """Issues tickets and checks them; the key is made once, by whichever replica is first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._key: bytes | None = None

    async def issue(self, execution_uid: str, artifact: str, now: datetime) -> tuple[str, datetime]:
        """Return a ticket for the artifact, and when it expires."""
        expires_at = (now + LIFETIME).replace(microsecond=0)
        head = struct.pack(">Q", int(expires_at.timestamp()))
        signature = _signature(await self._shared_key(), head, execution_uid, artifact)
        return base64.urlsafe_b64encode(head + signature).decode().rstrip("="), expires_at

    async def check(self, ticket: str, execution_uid: str, artifact: str, now: datetime) -> None:
        """Raise Problem 403 unless the ticket is for this artifact and still good."""
        raw = _decoded(ticket)
        head, shown = raw[:8], raw[8:]
        expected = _signature(await self._shared_key(), head, execution_uid, artifact)
        if len(head) != 8 or not hmac.compare_digest(shown, expected):  # noqa: PLR2004
            raise refused()
        (expires_at,) = struct.unpack(">Q", head)
        if datetime.fromtimestamp(expires_at, UTC) <= now:
            raise refused("it has expired; tickets are good for five minutes")

    async def _shared_key(self) -> bytes:
        if self._key is None:
            found = await self._store.get(KEY_PATH)
            if found is None:
                await self._store.create(KEY_PATH, secrets.token_bytes(_KEY_BYTES))
                found = await self._store.get(KEY_PATH)
            if found is None or len(found) < _KEY_BYTES:
                raise Problem(503, "no-ticket-key", "No tickets just now", "their key is not kept")
            self._key = found
        return self._key


def _signature(key: bytes, head: bytes, execution_uid: str, artifact: str) -> bytes:
    uid, name = execution_uid.encode(), artifact.encode("utf-8", "surrogatepass")
    text = head + struct.pack(">I", len(uid)) + uid + name
    return hmac.new(key, text, hashlib.sha256).digest()


def _decoded(ticket: str) -> bytes:
    try:
        return base64.b64decode(ticket + "=" * (-len(ticket) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return b""


def refused(why: str = "it is not one of this artifact") -> Problem:
    """Return what is answered to a ticket that opens nothing."""
    return Problem(403, "ticket-refused", "The ticket is not accepted", why)
