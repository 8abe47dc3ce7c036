"""Speaks with the Kubernetes API: plain objects in, plain objects out, Podbook's own errors."""

import re
from collections.abc import AsyncIterator, Iterable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from podbook_api.state.throttle import AT_ONCE, Throttle
from podbook_crds import names
from podbook_crds.errors import Conflict, Refused
from podbook_crds.resources import revision
from podbook_kube.client import JSON, JSON_PATCH, MERGE_PATCH, Client, pages
from podbook_kube.connection import connect
from podbook_kube.objects import Object, Resource

_CUSTOM: Final = f"/apis/{names.GROUP}/{names.VERSION}"
_RESOURCES: Final = {
    names.NOTEBOOK_PLURAL: Resource(_CUSTOM, names.NOTEBOOK_PLURAL),
    names.EXECUTION_PLURAL: Resource(_CUSTOM, names.EXECUTION_PLURAL),
    "pods": Resource("/api/v1", "pods"),
    "events": Resource("/api/v1", "events"),
    "secrets": Resource("/api/v1", "secrets"),
    "configmaps": Resource("/api/v1", "configmaps"),
    revision.PLURAL: Resource(f"/apis/{revision.API_VERSION}", revision.PLURAL),
}

# DNS subdomains, near enough; nothing that is a step in a path.
_OBJECT_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


class Cluster:
    """One namespace of a Kubernetes API."""

    def __init__(self, kubeconfig: Path | None, namespace: str) -> None:
        # A few more than the throttle lets through: for the watches.
        self._client = Client(
            partial(connect, kubeconfig), agent="podbook-api", connections=AT_ONCE + 8
        )
        self._throttle = Throttle()
        self.namespace = namespace

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def get(self, plural: str, name: str) -> Object | None:
        """Return the object as it is now, or None where there is none."""
        try:
            return await self._call("GET", self._path(plural, name))
        except Refused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def pages(
        self, plural: str, field_selector: str = "", *, label_selector: str = ""
    ) -> AsyncIterator[tuple[list[Object], str]]:
        """Yield objects in pages, each with the resourceVersion that the list stands for.

        Raises Expired where the list changed too much under the pages: begin again.
        """
        path = self._path(plural)
        selectors = {"fieldSelector": field_selector, "labelSelector": label_selector}
        async for page in pages(self._client.ask, path, **selectors):
            yield page.get("items") or [], page["metadata"]["resourceVersion"]

    async def version(self) -> str:
        """Return the resourceVersion up to which everything has been written.

        Of the shortest list there is: resourceVersions count the writes to all resources.
        """
        path = self._path(names.NOTEBOOK_PLURAL)
        answer = await self._call("GET", path, query={"limit": "1"})
        version: str = answer["metadata"]["resourceVersion"]
        return version

    def watch(
        self, plural: str, version: str, *, label_selector: str = ""
    ) -> AsyncIterator[Object]:
        """Yield the events after a resourceVersion until the server ends the stream.

        Raises Expired where the resourceVersion is too old.
        """
        return self._client.watch(self._path(plural), version, labelSelector=label_selector)

    async def create(self, plural: str, body: Object) -> Object:
        """Create the object; Refused with reason AlreadyExists where the name is taken."""
        return await self._call("POST", self._path(plural), body=body)

    async def write_status(self, plural: str, name: str, version: str, status: Object) -> Object:
        """Replace the status of what still has that resourceVersion; raise Conflict otherwise.

        A JSON Patch, because a merge patch would delete the nulls inside an output.
        """
        patch = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": version},
            {"op": "add", "path": "/status", "value": status},
        ]
        path = self._path(plural, name, "status")
        return await self._call("PATCH", path, body=patch, content_type=JSON_PATCH)

    async def add_pod_condition(self, name: str, uid: str, condition: Object) -> None:
        """Add a condition to the status of that very pod; Refused where it has gone.

        The kubelet keeps conditions that are none of its own; it has written some by now.
        """
        patch = [
            {"op": "test", "path": "/metadata/uid", "value": uid},
            {"op": "add", "path": "/status/conditions/-", "value": condition},
        ]
        path = self._path("pods", name, "status")
        await self._call("PATCH", path, body=patch, content_type=JSON_PATCH)

    async def merge(self, plural: str, name: str, patch: Object) -> Object:
        """Merge into the object."""
        path = self._path(plural, name)
        return await self._call("PATCH", path, body=patch, content_type=MERGE_PATCH)

    async def change(
        self, plural: str, name: str, version: str, operations: list[Object]
    ) -> Object:
        """Carry out a JSON Patch on what still has that resourceVersion; raise Conflict else."""
        # Written, not tested: the API server compares it, and answers 409 where it is another.
        unchanged = {"op": "replace", "path": "/metadata/resourceVersion", "value": version}
        return await self._call(
            "PATCH",
            self._path(plural, name),
            body=[unchanged, *operations],
            content_type=JSON_PATCH,
        )

    async def delete(self, plural: str, name: str, *, uid: str, version: str = "") -> None:
        """Delete exactly that object; fine where it is gone.

        With a version only where it still has that resourceVersion: raises Conflict else.
        """
        known = {"uid": uid} | ({"resourceVersion": version} if version else {})
        body = {"preconditions": known, "propagationPolicy": "Background"}
        try:
            await self._call("DELETE", self._path(plural, name), body=body)
        except Refused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise

    async def log(self, pod: str, container: str, *, lines: int, limit: int) -> bytes:
        """Return the last lines of what a container wrote, of those the first bytes.

        Refused where there is no such pod, or nothing of it yet.
        """
        query = {"container": container, "tailLines": str(lines), "limitBytes": str(limit)}
        return await self._client.text(self._path("pods", pod, "log"), query=query, limit=limit)

    async def events_of_pod(self, pod: str, *, limit: int) -> list[Object]:
        """Return the first events of the pod of that name; none where there never was one."""
        chosen = f"involvedObject.kind=Pod,involvedObject.name={pod}"
        query = {"fieldSelector": chosen, "limit": str(limit)}
        answer = await self._call("GET", self._path("events"), query=query)
        found: list[Object] = answer.get("items") or []
        return found

    async def review_token(self, token: str, *, audience: str | None) -> Object:
        """Return the status of a TokenReview: authenticated, user, error."""
        spec: Object = {"token": token} | ({"audiences": [audience]} if audience else {})
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": spec}
        answer = await self._call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", body=body)
        return answer.get("status") or {}

    async def review_access(self, spec: Object) -> bool:
        """Tell whether a SubjectAccessReview of that spec is allowed."""
        kind = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview"}
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        answer = await self._call("POST", path, body={**kind, "spec": spec})
        return bool((answer.get("status") or {}).get("allowed"))

    def _path(self, plural: str, name: str = "", *more: str) -> str:
        return _RESOURCES[plural].path(self.namespace, name or None, *more)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: Any = None,
        content_type: str = JSON,
    ) -> Object:
        try:
            return await self._throttle.answered(
                lambda: self._client.ask(
                    method, path, query=query, body=body, content_type=content_type
                )
            )
        except Refused as refused:
            if refused.status == HTTPStatus.CONFLICT and refused.reason != "AlreadyExists":
                raise Conflict(str(refused)) from refused
            raise


def is_object_name(name: str) -> bool:
    """Tell whether a Kubernetes object can be called so; whoever asks for others asks for more."""
    return _OBJECT_NAME.fullmatch(name) is not None


def no_place_for(fields: Iterable[str]) -> Refused:
    """Return what is raised where the API server took a write and left fields of it out."""
    told = ", ".join(f"`{field}`" for field in sorted(fields))
    return Refused(
        f"the cluster's definition of executions is an older release's and has no place for {told};"
        " upgrade it first (`helm upgrade`, or kubectl apply of the folder crds/)",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )
