"""Pods for tests: a builder, and what a test asks the API server about them."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from rig.embedded import EmbeddedCluster
from rig.until import until

Object = dict[str, Any]
NAMESPACE = "default"


def a_container(name: str, script: str, **fields: Any) -> Object:
    """Return a container that runs a line of shell."""
    return {
        "name": name,
        "image": "not-pulled",
        "command": ["sh", "-c", script],
        "workingDir": "/work",
        "volumeMounts": [{"name": "work", "mountPath": "/work"}],
        **fields,
    }


def a_pod(name: str, *containers: Object, **spec: Any) -> Object:
    """Return a pod whose containers share /work."""
    volumes = [{"name": "work", "emptyDir": {}}, *spec.pop("volumes", [])]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 5,
            "containers": list(containers),
            "volumes": volumes,
            **spec,
        },
    }


@dataclass(frozen=True)
class Pods:
    """The pods of one cluster."""

    cluster: EmbeddedCluster

    async def request(
        self, method: str, path: str, body: Any = None, **more: Any
    ) -> tuple[int, Any]:
        """Ask the API server while the event loop goes on."""
        return await asyncio.to_thread(self.cluster.request, method, path, body, **more)

    async def create(self, pod: Object) -> Object:
        """Create a pod and return it."""
        code, created = await self.request("POST", self.path(), pod)
        assert code == 201, created
        made: Object = created
        return made

    async def get(self, name: str) -> Object | None:
        """Return a pod, None if there is none."""
        code, found = await self.request("GET", self.path(name))
        return found if code == 200 else None

    async def events(self, name: str) -> list[tuple[str, str, str]]:
        """Return what is told of a pod: type, reason and message of each event, oldest first."""
        chosen = f"involvedObject.kind=Pod,involvedObject.name={name}"
        path = f"/api/v1/namespaces/{NAMESPACE}/events?fieldSelector={chosen}"
        code, found = await self.request("GET", path)
        assert code == 200, found
        items = sorted(found["items"], key=lambda each: int(each["metadata"]["resourceVersion"]))
        return [(each["type"], each["reason"], each["message"]) for each in items]

    async def delete(self, name: str, **options: Any) -> None:
        """Ask for a pod's deletion."""
        code, answer = await self.request("DELETE", self.path(name), options or None)
        assert code in {200, 202}, answer

    async def in_phase(self, name: str, *phases: str) -> Object:
        """Wait until a pod is in one of some phases; return it."""
        last: Object = {}

        async def look() -> Object | None:
            last.clear()
            last.update(await self.get(name) or {})
            return last if last.get("status", {}).get("phase") in phases else None

        try:
            found: Object = await until(look, what=f"pod {name} in {phases}")
            return found  # noqa: TRY300 - what is caught is what is waited for
        except AssertionError as error:
            said = json.dumps(last.get("status")) if last else "gone"
            raise AssertionError(f"{error}; it is {said}") from error

    async def finished(self, name: str) -> Object:
        """Wait until a pod is Succeeded or Failed; return it."""
        return await self.in_phase(name, "Succeeded", "Failed")

    async def gone(self, name: str) -> None:
        """Wait until there is no such pod."""

        async def look() -> bool:
            return await self.get(name) is None

        await until(look, what=f"the end of pod {name}")

    def path(self, name: str = "") -> str:
        """Return the path of a pod, or of all."""
        return f"/api/v1/namespaces/{NAMESPACE}/pods{'/' if name else ''}{name}"


def state(pod: Object, container: str) -> Object:
    """Return what a pod's status says of a container."""
    (found,) = (each for each in pod["status"]["containerStatuses"] if each["name"] == container)
    said: Object = found["state"]
    return said
