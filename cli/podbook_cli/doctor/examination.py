"""Looks at everything that belongs to the server that is meant, the nearest first."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from podbook_cli.doctor.findings import Finding
from podbook_cli.doctor.rules import cluster, laptop, server
from podbook_cli.doctor.seen import SeenServer
from podbook_cli.exits import BadInput, NoServer
from podbook_cli.servers.contexts import NAMESPACE, Context
from podbook_cli.servers.forwarded import kubeconfig
from podbook_cli.servers.target import Target
from podbook_cli.servers.which import meant, reached

if TYPE_CHECKING:
    from podbook_cli.doctor.observing.cluster import Access
    from podbook_local.up.data_folder import DataFolder

_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be examined, in the words of the command's options."""

    target: Target
    context: str | None
    kube_context: str | None
    namespace: str | None
    environment: Mapping[str, str]


def examine(asked: Asked) -> Iterator[Finding]:
    """Yield what is found; raises BadInput where no such server can be meant."""
    found = meant(asked.target, context=asked.context, environment=asked.environment)
    if isinstance(found, Context):
        yield from _of_context(found, asked)
    elif found.url is not None and (held := _served_at(found.url, asked.environment)) is not None:
        yield from _of_laptop(Target(None, found.token, data_dir=held.path), asked)
    elif found.url is not None:
        yield from _of_server(found, "look whether it runs, and whether the address is right")
        yield from _behind(asked, asked.kube_context)
    else:
        yield from _of_laptop(found, asked)


def _of_context(context: Context, asked: Asked) -> Iterator[Finding]:
    cure = "look at the finding of the API below, or at its address: podbook context list"
    try:
        target = reached(asked.target, context, asked.environment)
    except NoServer as error:
        seen = SeenServer("", error=str(error))
        yield from server.findings(seen, version=version("podbook"), start=cure)
    else:
        yield from _of_server(target, cure)
    if context.url is None:
        yield from _behind(asked, context.kube_context, context.namespace)
    else:
        yield from _behind(asked, asked.kube_context)


def _served_at(url: str, environment: Mapping[str, str]) -> "DataFolder | None":
    """Return the data folder of the `podbook up` of this user that is meant by its address."""
    from podbook_local.up.data_folder import FolderUnusable
    from podbook_local.up.elsewhere import served

    try:
        folders = [*served(environment)]
    except FolderUnusable:
        return None
    meant = url.rstrip("/")
    return next((each for each in folders if each.read_state().get("url") == meant), None)


def _of_laptop(target: Target, asked: Asked) -> Iterator[Finding]:
    from podbook_cli.doctor.observing.laptop import look
    from podbook_local.up.data_folder import DataFolder, default_for

    catalog, held = target.folder, target.held_folder()
    data = held or (
        DataFolder(target.data_dir.absolute())
        if target.data_dir
        else default_for(catalog, asked.environment)
    )
    start = f"podbook up {catalog}"
    if held is None:
        says = f"no `podbook up` serves {catalog}"
        yield Finding.wrong("server", says, start)
    else:
        catalog = Path(held.read_state().get("catalog", catalog))
        url = str(held.read_state().get("url", ""))
        yield from _of_server(Target(url, target.token), f"tail {held.logs}/api.log")
    seen = look(catalog, data, is_served=held is not None, environment=asked.environment)
    yield from laptop.findings(seen)
    if held is not None:
        yield from _clusters(_embedded(held))


def _embedded(data: "DataFolder") -> "Access | None":
    if not _has_client():
        return None
    from podbook_cli.doctor.observing.cluster import Access

    return Access(data.kubeconfig, None, "default", config=data.operator_config)


def _of_server(target: Target, start: str) -> Iterator[Finding]:
    from podbook_cli.doctor.observing.server import look

    with target.client(timeout=_SECONDS, is_patient=False) as client:
        seen = look(client)
    yield from server.findings(seen, version=version("podbook"), start=start)


def _behind(asked: Asked, context: str | None, namespace: str | None = None) -> Iterator[Finding]:
    """Look at the cluster behind a server, where somebody said which that is."""
    if context is None:
        cure = "podbook doctor --kube-context CONTEXT --namespace NAMESPACE"
        yield Finding.unseen("cluster", "not looked at: no context of kubectl is named", cure)
        return
    if not _has_client():
        yield from _clusters(None)
        return
    from podbook_cli.doctor.observing.cluster import Access

    try:
        file = kubeconfig(asked.environment)
    except BadInput as error:
        yield Finding.unseen("cluster", f"not looked at: {error}", "set KUBECONFIG")
        return
    where = asked.namespace or namespace or NAMESPACE
    yield from _clusters(Access(file, context, where))


def _clusters(access: "Access | None") -> Iterator[Finding]:
    if access is None:
        cure = "pip install 'podbook[kubeconfig]'"
        yield Finding.unseen("cluster", "not looked at: its client is not installed", cure)
        return
    from podbook_cli.doctor.observing.cluster import look

    yield from cluster.findings(asyncio.run(look(access)), version=version("podbook"))


def _has_client() -> bool:
    from importlib.util import find_spec

    return find_spec("aiohttp") is not None
