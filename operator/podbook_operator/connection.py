"""Where the Kubernetes API is, and what belongs to every request to it."""

import json
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Connection:
    """An address without a slash at its end, its TLS, and the way to a fresh Authorization."""

    url: str
    tls: ssl.SSLContext | bool
    # Asked before every request: a projected token is renewed in its file.
    authorization: Callable[[], Awaitable[str | None]]


async def locate(kubeconfig: Path | None) -> Connection:
    """Return the way that a kubeconfig names; without one, that of the pod this runs in."""
    found = None if kubeconfig is None else _embedded(kubeconfig)
    return found or await _by_official_client(kubeconfig)


def _embedded(kubeconfig: Path) -> Connection | None:
    """Return the way to an embedded cluster: JSON, plain HTTP, a token. None for any other.

    The official client reads it too, but its import alone costs half of the time in which
    `podbook up` has to be ready.
    """
    try:
        config = json.loads(kubeconfig.read_text())
    except ValueError:
        return None
    context = _entry(config["contexts"], config["current-context"])["context"]
    cluster = _entry(config["clusters"], context["cluster"])["cluster"]
    user = _entry(config["users"], context["user"])["user"]
    if not cluster["server"].startswith("http://") or user.keys() != {"token"}:
        return None

    async def authorization() -> str:
        return f"Bearer {user['token']}"

    return Connection(cluster["server"].rstrip("/"), tls=True, authorization=authorization)


def _entry(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(entry for entry in entries if entry["name"] == name)


async def _by_official_client(kubeconfig: Path | None) -> Connection:
    from kubernetes.aio.client import Configuration
    from kubernetes.aio.config import load_incluster_config, load_kube_config

    found = Configuration()
    if kubeconfig is None:
        load_incluster_config(found)
    else:
        await load_kube_config(str(kubeconfig), client_configuration=found)

    async def authorization() -> str | None:
        token: str | None = await found.get_api_key_with_prefix("BearerToken", "authorization")
        return token

    tls = _context(found) if found.host.startswith("https") else True
    return Connection(found.host.rstrip("/"), tls=tls, authorization=authorization)


def _context(found: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=found.ssl_ca_cert, cadata=found.ca_cert_data)
    if found.cert_file:
        context.load_cert_chain(found.cert_file, keyfile=found.key_file)
    if not found.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
