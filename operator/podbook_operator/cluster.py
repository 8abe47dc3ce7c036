"""What the operator reads and writes in Kubernetes, each operation with its promise."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, Protocol

from podbook_crds import names
from podbook_crds.errors import Conflict, Refused
from podbook_crds.resources import revision
from podbook_kube.client import JSON, JSON_PATCH, MERGE_PATCH, pages
from podbook_kube.objects import Object as Body
from podbook_kube.objects import Resource


class Asks(Protocol):
    """The client, as far as this module needs it."""

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = JSON,
    ) -> Body:
        """Return the answer's object; raise Refused or ClusterUnavailable."""
        ...


PODS: Final = Resource("/api/v1", "pods")
EXECUTIONS: Final = Resource(f"/apis/{names.API_VERSION}", names.EXECUTION_PLURAL)
NOTEBOOKS: Final = Resource(f"/apis/{names.API_VERSION}", names.NOTEBOOK_PLURAL)
EVENTS: Final = Resource("/apis/events.k8s.io/v1", "events")
REVISIONS: Final = Resource(f"/apis/{revision.API_VERSION}", revision.PLURAL)
SECRETS: Final = Resource("/api/v1", "secrets")


class Cluster:
    """The Kubernetes API, as the operator uses it."""

    def __init__(
        self,
        client: Asks,
        seen: Callable[[Resource, str, str], None] | None = None,
        *,
        namespaces: Sequence[str] = (),
    ) -> None:
        """Namespaces are those that are served; none stands for all of them."""
        self._ask = client.ask
        # One list for each of them, or one of all.
        self.namespaces: list[str | None] = [*namespaces] or [None]
        # Told of the resource, the namespace and the resourceVersion of what was written.
        self._seen = seen or (lambda _resource, _namespace, _version: None)

    async def get(self, resource: Resource, namespace: str, name: str) -> Body | None:
        """Return the object as it stands, or None where there is none."""
        try:
            return await self._ask("GET", resource.path(namespace, name))
        except Refused as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def pages(
        self, resource: Resource, namespace: str | None, **selectors: str
    ) -> AsyncIterator[Body]:
        """Yield the pages of a consistent list; selectors are labelSelector and fieldSelector."""
        return pages(self._ask, resource.path(namespace), **selectors)

    async def create(self, resource: Resource, namespace: str, body: Body) -> Body:
        """Create the object and return it as stored; Refused says what is wrong with it."""
        return self._note(resource, await self._ask("POST", resource.path(namespace), body=body))

    async def delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        *,
        uid: str,
        version: str | None = None,
        grace_seconds: int | None = None,
    ) -> None:
        """Delete that very object; one that is gone, or another of the name, is fine.

        With a version only while it still has that resourceVersion; raises Conflict otherwise.
        A pod that is being deleted already is ended sooner by a shorter grace, never later.
        """
        preconditions = {"uid": uid} | ({} if version is None else {"resourceVersion": version})
        body: Body = {"preconditions": preconditions, "propagationPolicy": "Background"}
        if grace_seconds is not None:
            body["gracePeriodSeconds"] = grace_seconds
        try:
            await self._ask("DELETE", resource.path(namespace, name), body=body)
        except Refused as error:
            if error.status == HTTPStatus.CONFLICT and version is not None:
                raise Conflict(f"{namespace}/{name} changed since version {version}") from error
            if error.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
                raise

    async def write_status(
        self, resource: Resource, namespace: str, name: str, *, version: str, status: Body
    ) -> Body:
        """Replace the whole status of the object that has this resourceVersion; return it.

        JSON Patch, because a merge patch would delete the nulls inside an output. Raises Conflict
        where the object has changed or gone since, Refused where the status itself is not taken.
        """
        patch = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": version},
            {"op": "add", "path": "/status", "value": status},
        ]
        path = resource.path(namespace, name, "status")
        try:
            answer = await self._ask("PATCH", path, body=patch, content_type=JSON_PATCH)
            return self._note(resource, answer)
        except Refused as error:
            if await self._has_changed(resource, namespace, name, version, error):
                raise Conflict(f"{namespace}/{name} changed since version {version}") from error
            raise

    async def change(
        self, resource: Resource, namespace: str, name: str, patch: list[Body]
    ) -> Body:
        """Apply the JSON Patch to the object and return it; Refused where a test of it fails."""
        path = resource.path(namespace, name)
        answer = await self._ask("PATCH", path, body=patch, content_type=JSON_PATCH)
        return self._note(resource, answer)

    async def amend(self, resource: Resource, namespace: str, name: str, patch: Body) -> Body:
        """Merge the patch into the object and return it."""
        path = resource.path(namespace, name)
        return await self._ask("PATCH", path, body=patch, content_type=MERGE_PATCH)

    def _note(self, resource: Resource, item: Body) -> Body:
        metadata = item["metadata"]
        self._seen(resource, metadata["namespace"], metadata["resourceVersion"])
        return item

    async def _has_changed(
        self, resource: Resource, namespace: str, name: str, version: str, error: Refused
    ) -> bool:
        """A failed test and a status that the schema refuses are both a 422."""
        if error.status in {HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND}:
            return True
        live = await self.get(resource, namespace, name)
        return live is None or live["metadata"]["resourceVersion"] != version
