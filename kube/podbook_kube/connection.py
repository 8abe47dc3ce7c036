"""Where the Kubernetes API is, and what belongs to every request to it."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from podbook_crds.errors import ClusterUnavailable


@dataclass(frozen=True, slots=True)
class Connection:
    """An address without a slash at its end, its TLS, and the way to a fresh `Authorization`."""

    url: str
    tls: ssl.SSLContext | bool
    # Asked before every request: a token in a file is renewed there while this process runs.
    authorization: Callable[[], Awaitable[str | None]]


async def connect(kubeconfig: Path | None, *, context: str | None = None) -> Connection:
    """Return the way that a kubeconfig names; without one, that of the pod this runs in.

    context is one of the kubeconfig's; else the one that is current there.

    Raises ClusterUnavailable where there is none yet, or where the file cannot be read: it may be
    half written, so another try may help. Every part of Podbook goes on trying.
    """
    from podbook_kube import in_cluster, kubeconfigs

    try:
        if kubeconfig is None:
            return in_cluster.connection()
        return await kubeconfigs.connection(kubeconfig, context=context)
    except ClusterUnavailable:
        raise
    except Exception as error:
        # Of whatever kind: a file that people write can be wrong in any way.
        where = kubeconfig or "the pod's service account"
        said = f"{type(error).__name__} {error}"
        raise ClusterUnavailable(f"no way to the cluster by {where}: {said}") from error


def bearer(token: str) -> Callable[[], Awaitable[str | None]]:
    """Return the authorization of a token that does not change."""

    async def authorization() -> str:
        return f"Bearer {token}"

    return authorization


def bearer_from(file: Path) -> Callable[[], Awaitable[str | None]]:
    """Return the authorization of a token in a file, read again when the file changed."""
    read: tuple[int, str] = (-1, "")

    async def authorization() -> str:
        nonlocal read
        # A projected token is replaced every few minutes: to look is cheaper than to read.
        changed = file.stat().st_mtime_ns
        if changed != read[0]:
            read = changed, file.read_text().strip()
        return f"Bearer {read[1]}"

    return authorization
