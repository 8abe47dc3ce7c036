"""A node without kernels: it plays the kubelet, the runner and the intake for pods of executions.

What a pod does is said by the name of the execution's notebook:
completes (any other name too), raises, hangs, dies-unclaimed, dies-claimed, reports-only (the
intake is not told of the result, the termination message is), no-intake (which it cannot reach),
never-ready (its kernel does not come, so its runner claims nothing), kernel-stays (after its
runner, as a frozen one does). A notebook that keeps pods is named the same, and "-kept".
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp

from podbook_crds import names
from podbook_crds.ends.finish import finished
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol.result import RunResult, encode
from podbook_crds.resources.execution import Attempt, Execution
from podbook_crds.resources.model import micro_time
from rig.embedded import EmbeddedCluster

Object = dict[str, Any]

BEHAVIOURS = (
    "completes",
    "raises",
    "hangs",
    "dies-unclaimed",
    "dies-claimed",
    "reports-only",
    "no-intake",
    "never-ready",
    "kernel-stays",
)

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"


class FakeNode:
    """Follows the pods of one namespace and lets each of them live its life."""

    def __init__(self, cluster: EmbeddedCluster, session: aiohttp.ClientSession) -> None:
        self._cluster = cluster
        self._session = session
        self._tasks: dict[str, asyncio.Task[None]] = {}
        # How often user code ran, by execution name; and how many kernels ran at once at most.
        self.ran: Counter[str] = Counter()
        self.kernels = 0
        self.most_kernels = 0
        # Set to let pods that hang go on.
        self.released = asyncio.Event()
        # Clear to leave deleted pods terminating, as a node that stopped answering does.
        self.answers = asyncio.Event()
        self.answers.set()
        # Clear to let no runner come to its claim.
        self.claims = asyncio.Event()
        self.claims.set()

    async def follow(self) -> None:
        """Poll: a fake has no need for a watch that can lose anything."""
        while True:
            listed = await self.ask("GET", "/api/v1/namespaces/default/pods")
            for pod in listed.get("items", []):
                uid = pod["metadata"]["uid"]
                if uid not in self._tasks:
                    self._tasks[uid] = asyncio.create_task(self._live(pod))
                elif "deletionTimestamp" in pod["metadata"] and self.answers.is_set():
                    self._tasks[uid].cancel()
                    await asyncio.wait([self._tasks[uid]])
                    await self._remove(pod)
            await asyncio.sleep(0.02)

    async def ask(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json"
    ) -> Object:
        """Ask again until the server answers; an answer of 4xx is an empty object."""
        while True:
            try:
                async with self._session.request(
                    method,
                    self._cluster.url + path,
                    data=None if body is None else json.dumps(body),
                    headers={"Content-Type": content_type},
                ) as response:
                    if response.status < 500:
                        found = await response.json(content_type=None)
                        return found if response.status < 400 else {}
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)

    async def _live(self, pod: Object) -> None:
        target = {"apiVersion": "v1", "kind": "Node", "name": "fake"}
        metadata = {"name": pod["metadata"]["name"], "namespace": "default"}
        binding = {"apiVersion": "v1", "kind": "Binding", "metadata": metadata, "target": target}
        await self.ask("POST", f"{_pod(pod)}/binding", binding)
        await self._report(pod, "Running", _running())
        self.kernels += 1
        self.most_kernels = max(self.most_kernels, self.kernels)
        try:
            if pod["metadata"]["labels"].get(names.WARM_LABEL) == names.WARM_IDLE:
                pod = await self._given(pod)
            annotations = pod["metadata"]["annotations"]
            behaviour = annotations[names.NOTEBOOK_ANNOTATION].removesuffix("-kept")
            await self._run(pod, annotations[names.EXECUTION_NAME_ANNOTATION], behaviour)
        finally:
            self.kernels -= 1

    async def _given(self, pod: Object) -> Object:
        """Say that the pod waits for a call; return it as soon as it was given to one."""
        prepared = {"type": names.PREPARED_CONDITION, "status": "True", "reason": "Prepared"}
        await self.ask(
            "PATCH", f"{_pod(pod)}/status", {"status": {"conditions": [prepared]}}, MERGE
        )
        while True:
            found = await self.ask("GET", _pod(pod))
            if found and found["metadata"]["labels"][names.WARM_LABEL] == names.WARM_GIVEN:
                return found
            await asyncio.sleep(0.02)

    async def _run(self, pod: Object, name: str, behaviour: str) -> None:
        if behaviour == "dies-unclaimed":
            await self._report(pod, "Failed", _ended(1, message="ImportError: no"))
            return
        if behaviour == "never-ready":
            await asyncio.Event().wait()
        if behaviour == "no-intake":
            result = RunResult(reason=Reason.INTAKE_UNAVAILABLE)
            await self._report(pod, "Succeeded", _ended(0, message=encode(result)))
            return
        if not await self._claim(pod, name):
            await self._report(pod, "Succeeded", _ended(0))
            return
        self.ran[name] += 1
        if behaviour == "dies-claimed":
            await self._report(pod, "Failed", _ended(137))
            return
        if behaviour == "hangs":
            await self.released.wait()
        raised = behaviour == "raises"
        reason = Reason.NOTEBOOK_RAISED if raised else Reason.NOTEBOOK_COMPLETED
        result = RunResult(reason=reason, output={"by": name}, has_output=True)
        if behaviour != "reports-only":
            await self._finish(name, result)
        ended = _ended(0, message=encode(result))
        if behaviour == "kernel-stays":
            await self._report(pod, "Running", ended | _running())
            await asyncio.Event().wait()
        await self._report(pod, "Succeeded", ended)

    async def _claim(self, pod: Object, name: str) -> bool:
        """What the intake does, on the execution as it is."""
        await self.claims.wait()
        if not await self.ask("GET", _pod(pod)):
            return False
        while True:
            found = await self.ask("GET", _execution(name))
            if not found:
                return False
            execution = Execution.from_resource(found)
            status = execution.status
            last = status.attempts[-1] if status.attempts else None
            is_taken = last is not None and last.claimed_at and last.finished_at is None
            if status.phase.is_final or is_taken or execution.spec.cancel:
                return False
            entry = Attempt(
                number=int(pod["metadata"]["labels"][names.ATTEMPT_LABEL]),
                pod_uid=pod["metadata"]["uid"],
                claimed_at=datetime.now(UTC),
            )
            update = {
                "phase": Phase.RUNNING,
                "reason": Reason.CELLS_RUNNING,
                "attempts": [*status.attempts, entry],
            }
            if await self._write(execution, status.model_copy(update=update).to_wire()):
                return True

    async def _finish(self, name: str, result: RunResult) -> None:
        found = await self.ask("GET", _execution(name))
        if not found or Execution.from_resource(found).status.phase.is_final:
            return
        execution = Execution.from_resource(found)
        status = finished(execution, reason=result.reason, now=datetime.now(UTC), result=result)
        await self._write(execution, status.to_wire())

    async def _write(self, execution: Execution, status: Object) -> bool:
        version = execution.resource_version
        patch = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": version},
            {"op": "add", "path": "/status", "value": status},
        ]
        path = f"{_execution(execution.name)}/status"
        return bool(await self.ask("PATCH", path, patch, JSON_PATCH))

    async def _report(self, pod: Object, phase: str, state: Object) -> None:
        containers = [names.KERNEL_CONTAINER, names.RUNNER_CONTAINER]
        statuses = [
            {"name": name, "image": "", "imageID": "", "ready": False, "restartCount": 0}
            | {"state": state[name] if name in state else state["both"]}
            for name in containers
        ]
        body = {"status": {"phase": phase, "containerStatuses": statuses}}
        await self.ask("PATCH", f"{_pod(pod)}/status", body, MERGE)

    async def _remove(self, pod: Object) -> None:
        """The kubelet's way: the last status first, then the object."""
        live = await self.ask("GET", _pod(pod))
        if live.get("status", {}).get("phase") == "Running":
            await self._report(pod, "Failed", _ended(137))
        await self.ask("DELETE", f"{_pod(pod)}?gracePeriodSeconds=0")


@asynccontextmanager
async def fake_node(cluster: EmbeddedCluster) -> AsyncIterator[FakeNode]:
    """Run a node for the length of an `async with` block."""
    headers = {"Authorization": f"Bearer {cluster.token}", "User-Agent": "fake-node"}
    async with aiohttp.ClientSession(headers=headers) as session:
        node = FakeNode(cluster, session)
        task = asyncio.create_task(node.follow())
        try:
            yield node
        finally:
            for running in [task, *node._tasks.values()]:
                running.cancel()
            await asyncio.gather(task, *node._tasks.values(), return_exceptions=True)


def _execution(name: str) -> str:
    return f"/apis/{names.API_VERSION}/namespaces/default/{names.EXECUTION_PLURAL}/{name}"


def _pod(pod: Object) -> str:
    return f"/api/v1/namespaces/default/pods/{pod['metadata']['name']}"


def _running() -> Object:
    return {"both": {"running": {"startedAt": _now()}}}


def _ended(exit_code: int, *, message: str = "") -> Object:
    end = {
        "exitCode": exit_code,
        "reason": "Completed" if exit_code == 0 else "Error",
        "startedAt": _now(),
        "finishedAt": _now(),
    }
    reported = {names.RUNNER_CONTAINER: {"terminated": {**end, "message": message}}}
    if exit_code:  # The kubelet falls back to the last lines of the log.
        end = {**end, "message": message}
    return {"both": {"terminated": end}, **reported}


def _now() -> str:
    return micro_time(datetime.now(UTC))[:19] + "Z"
