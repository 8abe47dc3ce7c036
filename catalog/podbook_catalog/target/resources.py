"""Reads and writes the folder's Notebook resources in the embedded cluster."""

import http.client
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from podbook_crds import names
from podbook_crds.errors import ClusterUnavailable, Conflict, Refused
from podbook_crds.formats.json_pointers import escaped

# Only resources with this label, set to the folder's own mark, are ever deleted by its loader:
# what people applied with kubectl stays.
OWNER_LABEL: Final = names.FOLDER_LABEL
# The file that a resource was made from.
PATH_ANNOTATION: Final = f"{names.GROUP}/path"

_BASE: Final = f"/apis/{names.API_VERSION}/namespaces"
_OWNER_POINTER: Final = "/metadata/labels/" + escaped(OWNER_LABEL)
_PATH_POINTER: Final = "/metadata/annotations/" + escaped(PATH_ANNOTATION)
_JSON_PATCH: Final = "application/json-patch+json"
_TIMEOUT_SECONDS: Final = 30
_PAGE: Final = 100
# One SQLite file behind them: more writers at once only wait for each other.
_WRITERS: Final = 4
_TRIES: Final = 5

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the embedded cluster listens, and what it asks for."""

    port: int
    token: str
    namespace: str = "default"


class NotebookResources:
    """The Notebook resources with one owner."""

    def __init__(self, address: Address, owner: str) -> None:
        self._address = address
        self._owner = owner
        self._path = f"{_BASE}/{address.namespace}/{names.NOTEBOOK_PLURAL}"

    def present(self) -> dict[str, Resource]:
        """Return the owner's resources by name; raises ClusterUnavailable."""
        found: dict[str, Resource] = {}
        query = f"?labelSelector={OWNER_LABEL}%3D{self._owner}&limit={_PAGE}"
        following = ""
        while True:
            page = self._call("GET", f"{self._path}{query}{following}")
            found |= {item["metadata"]["name"]: item for item in page["items"]}
            token = page["metadata"].get("continue")
            if not token:
                return found
            following = f"&continue={token}"

    def write(
        self,
        wanted: Iterable[Resource],
        unwanted: Iterable[str],
        *,
        answers: dict[str, Resource] | None = None,
    ) -> dict[str, str]:
        """Create or replace the wanted, delete the unwanted; return by name why any was refused.

        A resource that has metadata.resourceVersion is replaced, one without is created. What the
        cluster has of them then is added to answers.
        """

        def put(resource: Resource) -> tuple[str, str]:
            return self._put(resource, {} if answers is None else answers)

        with ThreadPoolExecutor(_WRITERS) as pool:
            refused = [*pool.map(put, wanted), *pool.map(self._delete, unwanted)]
        return {name: why for name, why in refused if why}

    def labelled(self, name: str, path: str, spec: dict[str, Any]) -> Resource:
        """Return a resource of the owner that has not been written yet."""
        return {
            "apiVersion": names.API_VERSION,
            "kind": names.NOTEBOOK_KIND,
            "metadata": {
                "name": name,
                "labels": {OWNER_LABEL: self._owner},
                "annotations": {PATH_ANNOTATION: path},
            },
            "spec": spec,
        }

    def _put(self, resource: Resource, answers: dict[str, Resource]) -> tuple[str, str]:
        name = resource["metadata"]["name"]
        try:
            if "resourceVersion" in resource["metadata"]:
                answers[name] = self._changed(name, resource)
            else:
                answers[name] = self._call("POST", self._path, resource)
        except (Refused, Conflict) as error:
            return name, str(error)
        return name, ""

    def _changed(self, name: str, resource: Resource) -> Resource:
        """Change what is ours of it: others may have written the rest since it was read."""
        path = resource["metadata"]["annotations"][PATH_ANNOTATION]
        patch = [
            {"op": "test", "path": _OWNER_POINTER, "value": self._owner},
            {"op": "add", "path": _PATH_POINTER, "value": path},
            {"op": "replace", "path": "/spec", "value": resource["spec"]},
        ]
        try:
            return self._call("PATCH", f"{self._path}/{name}", patch)
        except Refused as error:
            if error.status == http.client.NOT_FOUND:
                return self._call("POST", self._path, self.labelled(name, path, resource["spec"]))
        # It is no longer as it was made: without its label, or without any annotation.
        return self._replace(name, resource)

    def _replace(self, name: str, resource: Resource) -> Resource:
        """Put it in the place of what was read, or of what has become of that meanwhile.

        The operator writes the status of a notebook just made, and the folder alone writes the
        rest: a conflict is nobody else's wish. Raises Conflict where it goes on.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._call("PUT", f"{self._path}/{name}", resource)
            except Conflict:
                current = self._call("GET", f"{self._path}/{name}")["metadata"]
                if (current.get("labels") or {}).get(OWNER_LABEL) != self._owner:
                    raise
                version = {"resourceVersion": current["resourceVersion"]}
                resource = {**resource, "metadata": {**resource["metadata"], **version}}
        return self._call("PUT", f"{self._path}/{name}", resource)

    def _delete(self, name: str) -> tuple[str, str]:
        try:
            self._call("DELETE", f"{self._path}/{name}")
        except Refused as error:
            return name, "" if error.status == http.client.NOT_FOUND else str(error)
        return name, ""

    def _call(
        self, method: str, path: str, body: Resource | list[Resource] | None = None
    ) -> dict[str, Any]:
        """Return the JSON answer; raises ClusterUnavailable, Conflict or Refused."""
        headers = {"Authorization": f"Bearer {self._address.token}"}
        if body is not None:
            headers["Content-Type"] = _JSON_PATCH if method == "PATCH" else "application/json"
        # One for each call: cheap on this machine, and none to share between threads.
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._address.port, timeout=_TIMEOUT_SECONDS
        )
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            response = connection.getresponse()
            status, data = response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ClusterUnavailable(f"{method} {path}: {error}") from error
        finally:
            connection.close()
        return _answer(status, data)


def _answer(status: int, data: bytes) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(data)
    except ValueError as error:
        raise ClusterUnavailable(f"the cluster answered {status} without JSON") from error
    if status < http.client.BAD_REQUEST:
        return answer
    message, reason = str(answer.get("message", "")), str(answer.get("reason", ""))
    if status == http.client.CONFLICT:
        raise Conflict(message)
    if status == http.client.TOO_MANY_REQUESTS or status >= http.client.INTERNAL_SERVER_ERROR:
        raise ClusterUnavailable(f"the cluster answered {status}: {message}")
    raise Refused(message, status=status, reason=reason)
