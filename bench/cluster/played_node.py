"""Nodes that kwok plays, and runners that are played on them: load without kernels.

kwok makes a pod run at once, and a Job's pod end at once. A run pod's end is played here: what a
runner asks of the intake (claim, one artifact, result), with a token of its pod, and then the pod's
last status as a kubelet would write it.
"""

import asyncio
import hashlib
import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, Final

import aiohttp

from podbook_crds import names
from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol import intake
from podbook_crds.protocol.result import RunResult, encode
from podbook_crds.resources.execution import Artifact, Cells
from rig.ipynb import notebook
from tests.cluster import binaries, place
from tests.cluster.control_plane import apply, kubectl
from tests.cluster.processes import die_with_parent

LABEL: Final = {"type": "played"}
TOLERATIONS: Final = [{"key": "played", "operator": "Exists"}]
_NODES: Final = 10
_PODS_EACH: Final = 250
_DONE: Final = json.dumps(notebook("x = 1", "print(x)")).encode()
_MERGE: Final = "application/merge-patch+json"


@contextmanager
def played_nodes() -> Iterator[int]:
    """Add nodes that kwok plays, for the length of a `with` block; yield kwok's process id."""
    command = [str(binaries.program("kwok")), "--kubeconfig", str(place.KUBECONFIG)]
    selector = "--manage-nodes-with-label-selector=type=played"
    with (place.LOGS / "kwok.log").open("ab") as log:
        kwok = subprocess.Popen(
            [*command, selector, "--node-lease-duration-seconds=8"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={"HOME": str(place.STATE)},
            preexec_fn=die_with_parent,  # noqa: PLW1509 - there are no threads yet
        )
    try:
        for number in range(_NODES):
            apply(_node(f"played-{number}"))
        ready = ("wait", "node", "-l", "type=played", "--for=condition=Ready")
        kubectl(*ready, "--timeout=120s")
        yield kwok.pid
    finally:
        kubectl("delete", "node", "-l", "type=played")
        kwok.terminate()
        kwok.wait()


def _node(name: str) -> dict[str, Any]:
    room = {"cpu": "1000", "memory": "1Ti", "pods": str(_PODS_EACH)}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": LABEL},
        "spec": {"taints": [{"key": "played", "effect": "NoSchedule"}]},
        "status": {"allocatable": room, "capacity": room},
    }


class PlayedRunners:
    """Runs whatever run pod is Running, as its runner would; knows when each had its end."""

    def __init__(
        self, kube: aiohttp.ClientSession, *, namespace: str, intake_url: str, at_once: int = 16
    ) -> None:
        self._kube = kube
        self._namespace = namespace
        self._intake = intake_url
        self._room = asyncio.Semaphore(at_once)
        self._seen: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        # By name of the execution, on the monotonic clock.
        self.ended: dict[str, float] = {}

    async def play(self) -> None:
        """Follow the pods until cancelled."""
        path = f"/api/v1/namespaces/{self._namespace}/pods"
        async for pod in watched(self._kube, path, labelSelector=names.EXECUTION_LABEL):
            uid = pod["metadata"]["uid"]
            if pod["status"].get("phase") == "Running" and uid not in self._seen:
                self._seen.add(uid)
                task = asyncio.create_task(self._run(pod))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _run(self, pod: dict[str, Any]) -> None:
        async with self._room:
            token = await self._token(pod)
            await self._ask(token, "POST", intake.CLAIM_PATH)
            digest = f"sha256:{hashlib.sha256(_DONE).hexdigest()}"
            path, headers = (
                f"{intake.ARTIFACTS_PATH}/notebook.ipynb",
                {intake.DIGEST_HEADER: digest},
            )
            await self._ask(token, "PUT", path, data=_DONE, headers=headers)
            result = _result(digest)
            await self._ask(token, "POST", intake.RESULT_PATH, json=result.to_wire())
            name = pod["metadata"]["annotations"][names.EXECUTION_NAME_ANNOTATION]
            self.ended[name] = time.monotonic()
            await self._end(pod, result)

    async def _token(self, pod: dict[str, Any]) -> str:
        bound = {"kind": "Pod", "apiVersion": "v1"}
        bound |= {key: pod["metadata"][key] for key in ("name", "uid")}
        spec = {"audiences": [names.TOKEN_AUDIENCE], "boundObjectRef": bound}
        path = f"/api/v1/namespaces/{self._namespace}/serviceaccounts/default/token"
        async with self._kube.post(path, json={"spec": spec}) as answer:
            answer.raise_for_status()
            return str((await answer.json())["status"]["token"])

    async def _ask(self, token: str, method: str, path: str, **request: Any) -> None:
        """Ask the intake; a 503 means to try again."""
        headers = {"Authorization": f"Bearer {token}", **request.pop("headers", {})}
        while True:
            url = self._intake + path
            async with self._kube.request(method, url, headers=headers, **request) as answer:
                if answer.status != 503:
                    answer.raise_for_status()
                    return
            await asyncio.sleep(0.2)

    async def _end(self, pod: dict[str, Any], result: RunResult) -> None:
        """Write the pod's end as a kubelet would."""
        ended = {"exitCode": 0, "reason": "Completed"}
        reports = {names.KERNEL_CONTAINER: "", names.RUNNER_CONTAINER: encode(result)}
        statuses = [
            {**was, "state": {"terminated": {**ended, "message": reports[was["name"]]}}}
            for was in pod["status"]["containerStatuses"]
        ]
        patch = {"status": {"phase": "Succeeded", "containerStatuses": statuses}}
        path = f"/api/v1/namespaces/{self._namespace}/pods/{pod['metadata']['name']}/status"
        headers = {"Content-Type": _MERGE}
        async with self._kube.patch(path, data=json.dumps(patch), headers=headers) as answer:
            # The operator may have taken the pod away already.
            if answer.status != 404:
                answer.raise_for_status()


def _result(digest: str) -> RunResult:
    kept = Artifact(
        name="notebook.ipynb", media_type="application/x-ipynb+json", size=len(_DONE), digest=digest
    )
    return RunResult(
        reason=Reason.NOTEBOOK_COMPLETED, artifacts=[kept], cells=Cells(total=2, completed=2)
    )


async def watched(
    kube: aiohttp.ClientSession, path: str, **query: str
) -> AsyncIterator[dict[str, Any]]:
    """Yield the objects as they are now and at every change, but for those that are deleted."""
    version = ""
    while True:
        asked = {"watch": "true", "resourceVersion": version, **query}
        async with kube.get(path, params=asked, timeout=aiohttp.ClientTimeout(None)) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] in {"ADDED", "MODIFIED"}:
                    version = event["object"]["metadata"]["resourceVersion"]
                    yield event["object"]
