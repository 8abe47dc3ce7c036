"""The keys that an issuer signs with: fetched when a token names one that is not known."""

import asyncio
import json
import ssl
import time
from typing import Any, Final

import aiohttp

from podbook_api.auth.oidc.issuers import Issuer, is_fit
from podbook_api.http.problems import RETRY, Problem

_DISCOVERY: Final = "/.well-known/openid-configuration"
_SECONDS: Final = 10.0
_BYTES: Final = 1024 * 1024
# A token may name any key: so often its issuer is asked at most, and where it gave none yet.
_PAUSE_SECONDS: Final = 10.0
_FIRST_PAUSE_SECONDS: Final = 2.0
_KEPT_SECONDS: Final = 3600.0


class _Unusable(ValueError):
    """What the issuer answers leads to no keys."""


class SigningKeys:
    """An issuer's keys by their ids; those it has withdrawn are gone after an hour."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._keys: dict[str, dict[str, Any]] = {}
        self._read_at = self._tried_at = float("-inf")
        self._reading = asyncio.Lock()
        self._problem: Problem | None = None

    async def find(self, key_id: str) -> dict[str, Any] | None:
        """Return the key as JSON, or None; raise Problem 503 where none were ever to be had."""
        if not self._is_current(key_id):
            async with self._reading:
                if not self._is_current(key_id):
                    await self._read()
        if not self._keys and self._problem is not None:
            raise self._problem
        return self._keys.get(key_id)

    def _is_current(self, key_id: str) -> bool:
        now = time.monotonic()
        if now - self._tried_at < (_PAUSE_SECONDS if self._keys else _FIRST_PAUSE_SECONDS):
            return True
        return key_id in self._keys and now - self._read_at < _KEPT_SECONDS

    async def _read(self) -> None:
        self._tried_at = time.monotonic()
        try:
            keys = await self._fetched()
        except (OSError, aiohttp.ClientError, TimeoutError, ValueError) as error:
            # Keys that were good stay so for as long as it cannot say otherwise.
            self._problem = self._unavailable(error)
        else:
            self._keys, self._read_at = keys, time.monotonic()

    async def _fetched(self) -> dict[str, dict[str, Any]]:
        ca_file, issuer = self._issuer.ca_file, self._issuer.url
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context),
            timeout=aiohttp.ClientTimeout(total=_SECONDS),
            trust_env=True,
        ) as session:
            said = await _json(session, f"{issuer.rstrip('/')}{_DISCOVERY}")
            if said.get("issuer") != issuer:
                raise _Unusable(f"it says that it is {str(said.get('issuer'))[:200]!r}")
            where = str(said.get("jwks_uri") or "")
            if not is_fit(where):
                raise _Unusable(f"its jwks_uri is no https:// address: {where[:200]!r}")
            listed = (await _json(session, where)).get("keys")
        if not isinstance(listed, list):
            raise _Unusable(f"{where[:200]} lists no keys")
        return {
            str(key.get("kid", "")): key
            for key in listed
            if isinstance(key, dict) and key.get("use", "sig") == "sig"
        }

    def _unavailable(self, error: BaseException) -> Problem:
        why = str(error) or type(error).__name__
        detail = f"the keys of {self._issuer.url} cannot be read: {why[:300]}"
        return Problem(
            503, "issuer-unavailable", "Tokens cannot be checked now", detail, headers=dict(RETRY)
        )


async def _json(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    async with session.get(url, allow_redirects=False) as answer:
        text = await answer.content.read(_BYTES)
        if answer.status != 200 or not answer.content.at_eof():  # noqa: PLR2004
            raise _Unusable(f"{url[:200]} answered {answer.status}")
    found = json.loads(text)
    if not isinstance(found, dict):
        raise _Unusable(f"{url[:200]} answered no JSON object")
    return found
