"""Puts the parts of the server together, over one data folder."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from podbook_cluster.apiserver.access.rbac import Access
from podbook_cluster.apiserver.access.reviews import Reviews
from podbook_cluster.apiserver.access.tokens import Tokens
from podbook_cluster.apiserver.faults.injection import Faults
from podbook_cluster.apiserver.read.logs import Logs
from podbook_cluster.apiserver.read.streams import BOOKMARK_SECONDS, Streams
from podbook_cluster.apiserver.schema.definitions import resource as resource_of
from podbook_cluster.apiserver.serve import requests
from podbook_cluster.apiserver.serve.routes import Routes
from podbook_cluster.apiserver.serve.served_resources import Catalog
from podbook_cluster.apiserver.serve.server import Server
from podbook_cluster.apiserver.storage import records
from podbook_cluster.apiserver.storage.folders import DataFolder
from podbook_cluster.apiserver.storage.journal import Journal, Row
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.storage.watches import WatchHub
from podbook_cluster.apiserver.terms.calls import internal
from podbook_cluster.apiserver.terms.errors import StorageUnusable
from podbook_cluster.apiserver.terms.resources import (
    CUSTOM_RESOURCE_DEFINITIONS,
    NAMESPACES,
    POLICIES,
)
from podbook_cluster.apiserver.write import manifests
from podbook_cluster.apiserver.write.admission import Admission
from podbook_cluster.apiserver.write.expiry import expire_events
from podbook_cluster.apiserver.write.garbage import GarbageCollector
from podbook_cluster.apiserver.write.kinds import PERMANENT_NAMESPACES
from podbook_cluster.apiserver.write.objects import Objects


@dataclass(frozen=True, slots=True)
class Options:
    """What can be chosen about a server.

    Args:
        pods_folder: where the kubelet writes logs.
        enable_faults: answer `/_faults` and `/_requests`.
        bookmark_seconds: pause after which a silent watch gets a bookmark.
        admin_token: the administrator's; one is made, and kept, where it is empty.
        page_limit: see `Journal`.

    """

    pods_folder: Path
    enable_faults: bool = False
    bookmark_seconds: float = BOOKMARK_SECONDS
    admin_token: str = ""
    page_limit: int = 0


class Application:
    """An API server that is not listening yet."""

    def __init__(self, folder: DataFolder, options: Options) -> None:
        self.catalog = Catalog()
        self.admin_token = options.admin_token or folder.secret("admin-token")
        self.url_key = folder.secret("url-key")
        journal = Journal(folder.path, page_limit=options.page_limit)
        self.store = Store(journal)
        self._restore(journal)
        access = Access(self.store)
        admission = Admission(self.store, access)
        self.objects = Objects(self.store, self.catalog, admission)
        admission.follow(POLICIES)
        self.hub = WatchHub()
        self.store.subscribe(self.hub.publish)
        self.collector = GarbageCollector(self.store, self.objects, self.catalog)
        self._serve = self._door(folder, options, access)
        self._make_namespaces()

    def _door(self, folder: DataFolder, options: Options, access: Access) -> Server:
        key = bytes.fromhex(folder.secret("token-key"))
        tokens = Tokens(key, self.admin_token, self.url_key, self.store)
        routes = Routes(
            self.catalog,
            self.store,
            self.objects,
            access,
            Reviews(self.store, tokens, access),
            Streams(self.store, self.hub, bookmark_seconds=options.bookmark_seconds),
            Logs(self.store, options.pods_folder),
        )
        faults = Faults(self.store, self.hub) if options.enable_faults else None
        return Server(tokens, access, routes.answer, faults=faults)

    def web_server(self) -> web.Server:
        """Return what an event loop's server needs to take connections."""
        return web.Server(
            self._serve.handle,
            request_factory=_request,
            # A client that goes away ends its watch at once.
            handler_cancellation=True,
            access_log=None,
        )

    def apply(self, path: Path, namespace: str) -> None:
        """Bring the objects of a manifest file into being."""
        manifests.apply(
            list(manifests.load(path)),
            objects=self.objects,
            store=self.store,
            catalog=self.catalog,
            namespace=namespace,
        )

    async def run(self) -> None:
        """Commit and collect for ever; raises StorageUnusable."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.store.commit_forever())
            group.create_task(self.collector.run())
            group.create_task(expire_events(self.store, self.objects))

    async def close(self) -> None:
        """End all watches, write what is pending."""
        self.hub.end_all()
        await self.store.close()

    def ensure_namespace(self, name: str) -> None:
        """Create a namespace, and the account that its pods run as, where they are missing."""
        if self.store.get(NAMESPACES, ("", name)) is None:
            call = internal(NAMESPACES, "", name)
            self.objects.create(call, {"metadata": {"name": name}})

    def _make_namespaces(self) -> None:
        for name in PERMANENT_NAMESPACES:
            self.ensure_namespace(name)

    def _restore(self, journal: Journal) -> None:
        rows = list(journal.rows())
        for row in rows:
            # Definitions first: the other rows are objects of theirs.
            if row.resource == CUSTOM_RESOURCE_DEFINITIONS.qualified:
                record = records.of_body(CUSTOM_RESOURCE_DEFINITIONS, row.body, row.revision)
                self.catalog.add(resource_of(record.decode()))
        for row in rows:
            self._restore_row(row)
        self.store.restored(journal.compacted())
        for resource in self.catalog:
            definition = ("", resource.qualified)
            if resource.is_custom and not self.store.get(CUSTOM_RESOURCE_DEFINITIONS, definition):
                self.catalog.remove(resource)

    def _restore_row(self, row: Row) -> None:
        resource = self.catalog.qualified(row.resource)
        if resource is None:
            raise StorageUnusable(f"the stored objects of {row.resource} have no definition")
        self.store.restore(row, records.of_body(resource, row.body, row.revision))


def _request(*arguments: Any) -> web.BaseRequest:
    message, payload, protocol, writer, task = arguments
    return web.BaseRequest(
        message,
        payload,
        protocol,
        writer,
        task,
        asyncio.get_running_loop(),
        client_max_size=requests.BODY_LIMIT_BYTES,
    )
