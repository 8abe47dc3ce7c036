"""Speaks to the API server about pods and what they refer to."""

from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from podbook_crds.errors import Refused
from podbook_kube.client import JSON, MERGE_PATCH, Client
from podbook_kube.connection import Connection, bearer
from podbook_kube.objects import Object

Pod = Mapping[str, Any]

_PODS: Final = "/api/v1/pods"
_REQUEST_SECONDS: Final = 10


def name_of(pod: Pod) -> str:
    """Return `namespace/name`, as it begins every log line about a pod."""
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"


class ApiClient:
    """One connection pool to one API server.

    Whatever is asked raises ClusterUnavailable where the server did not answer, or not in a way
    that helps; Refused where it understood and said no.
    """

    def __init__(self, server: str, *, token: str) -> None:
        way = Connection(server.rstrip("/"), tls=False, authorization=bearer(token))

        async def connect() -> Connection:
            return way

        self._client = Client(connect, agent="podbook-kubelet", seconds=_REQUEST_SECONDS)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def list_pods(self) -> tuple[list[Object], str]:
        """Return all pods and the resourceVersion from which to watch."""
        found = await self._ask("GET", _PODS)
        return found["items"], found["metadata"]["resourceVersion"]

    async def watch_pods(self, resource_version: str) -> AsyncIterator[tuple[str, Object]]:
        """Yield (type, pod) for every change, until the server ends the stream; raise Expired."""
        async for event in self._client.watch(_PODS, resource_version):
            yield event["type"], event["object"]

    async def bind(self, pod: Pod, node_name: str) -> None:
        """Assign a pod to a node."""
        meta = pod["metadata"]
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": meta["name"], "uid": meta["uid"]},
            "target": {"apiVersion": "v1", "kind": "Node", "name": node_name},
        }
        await self._ask("POST", f"{_path(pod)}/binding", binding)

    async def write_status(self, pod: Pod, status: Mapping[str, Any]) -> None:
        """Set the given parts of a pod's status; Refused 409 if the name is another pod's."""
        patch = {"metadata": {"uid": pod["metadata"]["uid"]}, "status": status}
        await self._ask("PATCH", f"{_path(pod)}/status", patch)

    async def tell(self, event: Mapping[str, Any]) -> None:
        """Create an event."""
        namespace = event["metadata"]["namespace"]
        await self._ask("POST", f"/api/v1/namespaces/{namespace}/events", event)

    async def delete(self, pod: Pod) -> None:
        """Remove the object of a pod whose containers have ended."""
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "gracePeriodSeconds": 0,
            "preconditions": {"uid": pod["metadata"]["uid"]},
        }
        await self._ask("DELETE", _path(pod), options)

    async def request_token(
        self, pod: Pod, *, audience: str | None, seconds: int
    ) -> Mapping[str, Any]:
        """Return `{token, expirationTimestamp}` for the pod's service account, bound to the pod."""
        meta = pod["metadata"]
        bound = {"apiVersion": "v1", "kind": "Pod", "name": meta["name"], "uid": meta["uid"]}
        spec = {"expirationSeconds": seconds, "boundObjectRef": bound}
        if audience:
            spec["audiences"] = [audience]
        account = pod["spec"].get("serviceAccountName") or "default"
        path = f"/api/v1/namespaces/{meta['namespace']}/serviceaccounts/{account}/token"
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        status: Mapping[str, Any] = (await self._ask("POST", path, request))["status"]
        return status

    async def read(self, plural: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return a config map or a secret; None if there is none of that name."""
        try:
            return await self._ask("GET", f"/api/v1/namespaces/{namespace}/{plural}/{name}")
        except Refused as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def _ask(self, method: str, path: str, body: Any = None) -> Object:
        kind = MERGE_PATCH if method == "PATCH" else JSON
        return await self._client.ask(method, path, body=body, content_type=kind)


def _path(pod: Pod) -> str:
    return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
