"""Reads a context of a kubeconfig, as kubectl understands one."""

import base64
import json
import os
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from podbook_crds.errors import ClusterUnavailable
from podbook_kube.connection import Connection, bearer, bearer_from

# What is read here. A kubeconfig with more (an exec plugin, a proxy) is for the official client.
_CLUSTER: Final = {
    "server",
    "certificate-authority",
    "certificate-authority-data",
    "insecure-skip-tls-verify",
    "extensions",
}
_USER: Final = {
    "token",
    "tokenFile",
    "client-certificate",
    "client-certificate-data",
    "client-key",
    "client-key-data",
}


async def connection(kubeconfig: Path, *, context: str | None = None) -> Connection:
    """Return the way that the context names; any exception where the file names none.

    Without one it is the way of the current context.
    """
    config = _read(kubeconfig)
    found = _named(config["contexts"], context or config["current-context"])["context"]
    cluster = _named(config["clusters"], found["cluster"])["cluster"]
    user = _named(config["users"], found["user"])["user"] or {}
    if not (cluster.keys() <= _CLUSTER and user.keys() <= _USER):
        return await _by_official_client(kubeconfig, context)
    beside = kubeconfig.parent
    url = str(cluster["server"]).rstrip("/")
    tls = _tls(cluster, user, beside) if url.startswith("https:") else False
    return Connection(url, tls=tls, authorization=_authorization(user, beside))


def _read(kubeconfig: Path) -> Any:
    """The embedded cluster writes JSON: YAML's import would be felt when `podbook up` starts."""
    text = kubeconfig.read_text()
    try:
        return json.loads(text)
    except ValueError:
        import yaml

        return yaml.safe_load(text)


def _named(entries: Any, name: str) -> Any:
    for entry in entries:
        if entry["name"] == name:
            return entry
    raise ClusterUnavailable(f"the kubeconfig has no entry {name!r}")


def _authorization(user: Mapping[str, str], beside: Path) -> Any:
    # As kubectl: the file is asked first.
    if user.get("tokenFile"):
        return bearer_from(beside / user["tokenFile"])
    if user.get("token"):
        return bearer(user["token"])
    return _nothing


async def _nothing() -> None:
    return None


def _tls(cluster: Mapping[str, Any], user: Mapping[str, str], beside: Path) -> ssl.SSLContext:
    data = cluster.get("certificate-authority-data")
    file = cluster.get("certificate-authority")
    context = ssl.create_default_context(
        cafile=os.fspath(beside / file) if file and not data else None,
        cadata=base64.b64decode(data).decode() if data else None,
    )
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    _show_certificate(context, user, beside)
    return context


def _show_certificate(context: ssl.SSLContext, user: Mapping[str, str], beside: Path) -> None:
    """Let the client show its certificate, which Python's ssl reads from files only."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for what in ("client-certificate", "client-key"):
            if data := user.get(f"{what}-data"):
                paths.append(Path(folder) / what)
                paths[-1].write_bytes(base64.b64decode(data))
            elif user.get(what):
                paths.append(beside / user[what])
        if paths:
            context.load_cert_chain(paths[0], keyfile=paths[-1])


async def _by_official_client(kubeconfig: Path, context: str | None) -> Connection:
    try:
        from kubernetes.aio.client.configuration import Configuration
        from kubernetes.aio.config import load_kube_config
    except ImportError as error:
        needs = "needs an exec plugin or a proxy; install podbook[kubeconfig] for that"
        raise ClusterUnavailable(f"{kubeconfig} {needs}") from error
    found = Configuration()
    await load_kube_config(os.fspath(kubeconfig), context=context, client_configuration=found)

    async def authorization() -> str | None:
        token: str | None = await found.get_api_key_with_prefix("BearerToken", "authorization")
        return token

    tls = _official_tls(found) if found.host.startswith("https:") else False
    return Connection(found.host.rstrip("/"), tls=tls, authorization=authorization)


def _official_tls(found: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=found.ssl_ca_cert, cadata=found.ca_cert_data)
    if found.cert_file:
        context.load_cert_chain(found.cert_file, keyfile=found.key_file)
    if not found.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
