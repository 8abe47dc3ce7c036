"""Keeps webhooks from addresses that only this side of the network should reach."""

import ipaddress
import re
import socket
import unicodedata
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What IANA has given to hosts of the internet; all other IPv6 is for something else or nothing yet.
_UNICAST: Final = ipaddress.ip_network("2000::/3")
# NAT64: the last 32 bits are an IPv4 address, which a gateway may lead anywhere.
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
# Of no host, though `ipaddress` calls them global: protocol assignments, 6to4 relays, documents.
_SPECIAL: Final = tuple(
    ipaddress.ip_network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")
)
# The half of an ISATAP address before its IPv4 address, with either value of its u bit.
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})

# As every C library reads addresses, and so whatever connects: 127.1, 0177.0.0.1, 2130706433.
_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")


class Forbidden(OSError):
    """The address is private, loopback, link-local or otherwise not of the public internet."""


def check(text: str) -> None:
    """Raise Forbidden where a webhook must not go to that address."""
    address = ipaddress.ip_address(text.partition("%")[0])
    inner = _inner(address)
    mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None
    outer = [] if mapped else [address]
    if not all(_is_public(each) for each in (*outer, *inner)):
        raise Forbidden(f"{address} is not a public address")


def check_host(host: str) -> None:
    """Raise Forbidden where the host of a URL is such an address itself, however spelled."""
    # As the library will read it: full-width digits and dots become plain ones.
    plain = unicodedata.normalize("NFKC", host).replace("\u3002", ".").rstrip(".").strip("[]")
    try:
        ipaddress.ip_address(plain)
    except ValueError:
        # As URLs have it (WHATWG): what ends in a number is an address, or nothing at all.
        if _NUMBER.fullmatch(plain.rpartition(".")[2]):
            told = f"{host[:200]!r} is an address in an odd spelling: write four numbers"
            raise Forbidden(told) from None
        return
    check(plain)


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


def _is_public(address: Address) -> bool:
    if any(address in network for network in _SPECIAL) or address.is_multicast:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global
    return address in _NAT64 or (address in _UNICAST and address.is_global)


def _inner(address: Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses inside an IPv6 address."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [a for a in inner if a is not None]
