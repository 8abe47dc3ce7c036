"""The string formats that a CRD's schema may demand."""

import re
from collections.abc import Callable
from datetime import date, datetime
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

_DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")
_DURATION: Final = re.compile(r"-?(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+|0")
_BYTE: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def is_valid(name: str, text: str) -> bool:
    """Return whether `text` has the format; a format that Kubernetes ignores is always had."""
    check = _CHECKS.get(name)
    return check is None or check(text)


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return check


def _date_time(text: str) -> bool:
    return bool(_DATE_TIME.fullmatch(text)) and _parses(datetime.fromisoformat)(
        re.sub(r"\.\d+", "", text.upper())
    )


def _uri(text: str) -> bool:
    parts = urlsplit(text)
    return bool(parts.scheme or parts.path.startswith("/"))


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "date-time": _date_time,
    "date": _parses(date.fromisoformat),
    "duration": lambda text: bool(_DURATION.fullmatch(text)),
    "byte": lambda text: bool(_BYTE.fullmatch(text)),
    "uri": _uri,
    "uuid": _parses(UUID),
    "ipv4": _parses(IPv4Address),
    "ipv6": _parses(IPv6Address),
    "cidr": _parses(lambda text: ip_network(text, strict=False)),
}
