"""How to reach the Kubernetes API: its address, its certificate, and a fresh token."""

import json
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podbook_crds.errors import ClusterUnavailable


@dataclass(frozen=True)
class Connection:
    """An address, and what belongs to every request to it."""

    url: str
    tls: ssl.SSLContext | bool
    # Asked before every request: a token in a file is renewed there while this process runs.
    authorization: Callable[[], Awaitable[str | None]]


async def connect(kubeconfig: Path | None) -> Connection:
    """Return the way that a kubeconfig names, or that of the cluster this process runs in.

    Raises ClusterUnavailable where there is none yet.
    """
    if kubeconfig is not None:
        plain = _plain(kubeconfig)
        if plain is not None:
            return plain
    return await _official(kubeconfig)


def _plain(kubeconfig: Path) -> Connection | None:
    """Read a kubeconfig that is JSON, plain HTTP and a token: the embedded cluster's own.

    The official client reads every kind, and takes a third of a second to be imported.
    """
    try:
        config = json.loads(kubeconfig.read_text())
        context = _named(config["contexts"], config["current-context"])["context"]
        url = str(_named(config["clusters"], context["cluster"])["cluster"]["server"])
        user = _named(config["users"], context["user"])["user"]
    except OSError as error:
        raise ClusterUnavailable(f"no kubeconfig yet: {error}") from error
    except (ValueError, LookupError, TypeError):
        return None
    if not url.startswith("http://") or set(user) != {"token"}:
        return None

    async def authorization() -> str:
        return f"Bearer {user['token']}"

    return Connection(url.rstrip("/"), tls=False, authorization=authorization)


def _named(entries: Any, name: str) -> Any:
    return next(entry for entry in entries if entry["name"] == name)


async def _official(kubeconfig: Path | None) -> Connection:
    from kubernetes.aio.client.configuration import Configuration
    from kubernetes.aio.config import load_incluster_config, load_kube_config

    found = Configuration()
    try:
        if kubeconfig is None:
            load_incluster_config(found)
        else:
            await load_kube_config(str(kubeconfig), client_configuration=found)
    except Exception as error:
        # Of whatever kind: a file that is only half written trips the client over anything.
        raise ClusterUnavailable(f"no way to the cluster yet: {error}") from error

    async def authorization() -> str | None:
        token: str | None = await found.get_api_key_with_prefix("BearerToken", "authorization")
        return token

    return Connection(found.host.rstrip("/"), tls=_tls(found), authorization=authorization)


def _tls(found: Any) -> ssl.SSLContext | bool:
    if not found.host.startswith("https"):
        return False
    context = ssl.create_default_context(cafile=found.ssl_ca_cert, cadata=found.ca_cert_data)
    if found.cert_file:
        context.load_cert_chain(found.cert_file, keyfile=found.key_file)
    if not found.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if found.disable_strict_ssl_verification:
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
