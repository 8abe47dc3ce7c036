"""Deletes what is owned by something that is gone, and empties namespaces that are deleted."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, TypeVar

from podbook_cluster.apiserver.schema.definitions import FINALIZER
from podbook_cluster.apiserver.serve.served_resources import Catalog
from podbook_cluster.apiserver.storage.records import Change, Object, Record
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.terms.calls import DeleteOptions, internal
from podbook_cluster.apiserver.terms.errors import ApiError
from podbook_cluster.apiserver.terms.resources import (
    CUSTOM_RESOURCE_DEFINITIONS,
    NAMESPACES,
    SERVICE_ACCOUNTS,
)
from podbook_cluster.apiserver.write.objects import FOREGROUND, Objects

_ACCOUNT: Final = "default"
_LOGGER: Final = logging.getLogger(__name__)

_Subject = TypeVar("_Subject", Record, Change)


class GarbageCollector:
    """Follows every change; all it needs to know is in the store, so it can stop at any time."""

    def __init__(self, store: Store, objects: Objects, catalog: Catalog) -> None:
        self._store = store
        self._objects = objects
        self._catalog = catalog
        self._changes: asyncio.Queue[Change] = asyncio.Queue()
        store.subscribe(self._changes.put_nowait)

    async def run(self) -> None:
        """Collect what an earlier run left, then what each change makes garbage; for ever."""
        for resource in self._catalog:
            if resource.is_stored and resource.alias_of is None:
                for record in self._store.scan(resource, ""):
                    self._try(self._settle, record)
        while True:
            self._try(self._follow, await self._changes.get())

    def _try(self, step: Callable[[_Subject], None], subject: _Subject) -> None:
        try:
            step(subject)
        except ApiError as error:
            # A policy may deny a deletion; what else there is to collect does not wait for it.
            _LOGGER.warning("garbage collection: %s", error.message)

    def _follow(self, change: Change) -> None:
        record = change.record
        if change.type != "DELETED":
            if record.owners or record.resource in _SETTLED or _FINALIZING in record.body:
                self._settle(record)
            return
        for dependent in self._store.dependents(record.uid):
            self._settle(dependent)
        for owner in record.owners:
            held = self._store.get_by_uid(owner)
            if held is not None:
                self._settle(held)
        for resource, name in (
            (NAMESPACES, record.namespace),
            (CUSTOM_RESOURCE_DEFINITIONS, record.resource),
        ):
            holder = self._store.get(resource, ("", name))
            if holder is not None:
                self._settle(holder)

    def _settle(self, record: Record) -> None:
        """Bring one object to where its owners, its finalizer or its namespace want it."""
        resource = self._catalog.qualified(record.resource)
        current = self._store.get_by_uid(record.uid)
        if resource is None or current is None:
            return
        if current.owners and all(
            self._store.get_by_uid(owner) is None for owner in current.owners
        ):
            self._delete(current)
            return
        value = current.decode()
        if not value["metadata"].get("deletionTimestamp"):
            if resource is NAMESPACES:
                self._ensure_account(current.name)
            return
        if FOREGROUND in value["metadata"].get("finalizers", ()):
            self._delete_dependents(current)
        elif resource is NAMESPACES:
            self._empty_namespace(current.name)
        elif FINALIZER in value["metadata"].get("finalizers", ()):
            self._empty_definition(current)

    def _delete_dependents(self, owner: Record) -> None:
        for dependent in self._store.dependents(owner.uid):
            self._delete(dependent, "Foreground")
        blocking = [
            dependent
            for dependent in self._store.dependents(owner.uid)
            if _blocks(dependent.decode(), owner.uid)
        ]
        resource = self._catalog.qualified(owner.resource)
        if blocking or resource is None:
            return

        def release(value: Object) -> Object:
            value["metadata"]["finalizers"].remove(FOREGROUND)
            return value

        self._objects.edit(internal(resource, owner.namespace, owner.name), release)

    def _empty_namespace(self, namespace: str) -> None:
        left = [
            record
            for resource in self._catalog
            if resource.namespaced and resource.is_stored and resource.alias_of is None
            for record in self._store.scan(resource, namespace)
            if not self._delete(record)
        ]
        if not left:
            call = internal(NAMESPACES, "", namespace)
            self._objects.edit(call, lambda value: {**value, "spec": {"finalizers": []}})

    def _empty_definition(self, definition: Record) -> None:
        resource = self._catalog.qualified(definition.name)
        records = self._store.scan(resource, "") if resource else []
        left = [record for record in records if not self._delete(record)]
        if left:
            return

        def release(value: Object) -> Object:
            value["metadata"]["finalizers"].remove(FINALIZER)
            return value

        self._objects.edit(internal(CUSTOM_RESOURCE_DEFINITIONS, "", definition.name), release)

    def _ensure_account(self, namespace: str) -> None:
        """Create the account that pods run as which name none."""
        call = internal(SERVICE_ACCOUNTS, namespace, _ACCOUNT)
        if self._store.get(SERVICE_ACCOUNTS, call.key) is None:
            self._objects.create(call, {"metadata": {"name": _ACCOUNT}})

    def _delete(self, record: Record, propagation: str = "Background") -> bool:
        """Delete an object; return whether it is gone."""
        resource = self._catalog.qualified(record.resource)
        if resource is None or self._store.get_by_uid(record.uid) is None:
            return True
        options = DeleteOptions(
            uid=record.uid,
            propagation="Foreground" if propagation == "Foreground" else "Background",
        )
        call = internal(resource, record.namespace, record.name)
        return self._objects.delete(call, options).gone


_FINALIZING: Final = FOREGROUND.encode()
_SETTLED: Final = (NAMESPACES.qualified, CUSTOM_RESOURCE_DEFINITIONS.qualified)


def _blocks(dependent: Object, owner_uid: str) -> bool:
    return any(
        reference["uid"] == owner_uid and reference.get("blockOwnerDeletion")
        for reference in dependent["metadata"]["ownerReferences"]
    )
