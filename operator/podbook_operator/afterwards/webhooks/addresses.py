"""Keeps webhooks from addresses that only this side of the network should reach."""

import ipaddress
import socket
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# NAT64: the last 32 bits are an IPv4 address, which a gateway may lead anywhere.
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class Forbidden(OSError):
    """The address is private, loopback, link-local or otherwise not of the public internet."""


def check(text: str) -> None:
    """Raise Forbidden where a webhook must not go to that address."""
    address = ipaddress.ip_address(text.partition("%")[0])
    inner = _inner(address)
    if not all(a.is_global and not a.is_multicast for a in (address, *inner)):
        raise Forbidden(f"{address} is not a public address")


def check_host(host: str) -> None:
    """Raise Forbidden where the host of a URL is such an address itself, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return
    check(host)


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only.

    What it returns is what is connected to, so a name cannot mean another address a moment later.
    """

    def __init__(self) -> None:
        self._names: AbstractResolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses; raise Forbidden if one of them is not public."""
        found = await self._names.resolve(host, port, family)
        for address in found:
            check(address["host"])
        return found

    async def close(self) -> None:
        """Nothing is held."""
        await self._names.close()


def _inner(address: Address) -> list[Any]:
    """Return the IPv4 addresses inside an IPv6 address."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [a for a in inner if a is not None]
