"""HTTP to addresses that users chose: nothing inside the operator's own machine is reached."""

import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)


class Unreachable(Exception):
    """The address did not answer, or must not be asked."""


class Outbound:
    """POSTs; follows no redirect, reads no answer."""

    def __init__(self, *, allows_loopback: bool) -> None:
        self._allows_loopback = allows_loopback

    async def post(self, url: str, body: str, headers: dict[str, str]) -> int:
        """Return the status of the answer; raises Unreachable where there is none."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Unreachable(f"webhook.url: {url!r} is no http(s) address")
        try:
            # An address that is written as numbers never comes to the resolver.
            self._check(parts.hostname)
            async with (
                aiohttp.ClientSession(connector=self._connector(), timeout=_TIMEOUT) as session,
                session.post(url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                return response.status
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreachable(f"{parts.hostname}: {error!r}") from error

    def _connector(self) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(resolver=_Checked(self), use_dns_cache=False)

    def _check(self, host: str) -> None:
        """Refuse what is the machine itself, or a cloud's metadata; a name passes."""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return
        if address.is_link_local or address.is_unspecified or address.is_multicast:
            raise Unreachable(f"webhook.url: {host} is not an address to be asked")
        if address.is_loopback and not self._allows_loopback:
            raise Unreachable(f"webhook.url: {host} is the operator's own machine")

    def check_all(self, found: list[ResolveResult]) -> None:
        """Refuse a name that leads to such an address."""
        for result in found:
            self._check(result["host"])


class _Checked(AbstractResolver):
    """What a name leads to is looked at when it is used: it may lead elsewhere the next time."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        self._outbound.check_all(found)
        return found

    async def close(self) -> None:
        await self._resolver.close()
