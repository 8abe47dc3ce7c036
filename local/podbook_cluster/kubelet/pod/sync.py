"""Gives every pod of this node a worker, and tells each what the API server says of its pod."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import Final

from podbook_cluster.kubelet.client import Pod, name_of
from podbook_cluster.kubelet.container import recover
from podbook_cluster.kubelet.node import Node
from podbook_cluster.kubelet.pod.worker import PodWorker
from podbook_crds.errors import ClusterUnavailable, Refused
from podbook_kube.answers import Expired
from podbook_kube.backoff import pauses

_log = logging.getLogger(__name__)

_LONGEST_PAUSE_SECONDS: Final = 0.5
_CRASH_SECONDS: Final = 1.0


class PodSync:
    """All pods of this node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._workers: dict[str, PodWorker] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Follow the API server through its restarts and gaps, for as long as this is awaited."""
        waits, is_told = pauses(longest_seconds=_LONGEST_PAUSE_SECONDS), False
        version: str | None = None
        cleared = False
        while True:
            try:
                if version is None:
                    pods, version = await self._node.client.list_pods()
                    if not cleared:
                        await self._clear_strays(pods)
                        cleared = True
                    self._compare(pods)
                async for kind, pod in self._node.client.watch_pods(version):
                    version = pod["metadata"]["resourceVersion"]
                    waits, is_told = pauses(longest_seconds=_LONGEST_PAUSE_SECONDS), False
                    self._note(kind, pod)
            except Expired:
                version = None
            except (ClusterUnavailable, Refused) as error:
                if not is_told:
                    _log.info("the API server does not answer: %s", error)
                # After a restart the server may not know the version that it once gave.
                version = None
                is_told = True
                await asyncio.sleep(next(waits))

    async def stop(self, *, within_seconds: float) -> None:
        """End all pods and let their last statuses out, unless that takes too long."""
        for worker in self._workers.values():
            worker.leave()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=within_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _clear_strays(self, pods: Iterable[Pod]) -> None:
        known = {pod["metadata"]["uid"] for pod in pods}
        data_dir = self._node.settings.data_dir
        await asyncio.to_thread(recover.clear_strays, data_dir, known=known)

    def _compare(self, pods: Iterable[Pod]) -> None:
        """Bring a whole list in: what is missing from it was deleted while nobody watched."""
        there = {pod["metadata"]["uid"]: pod for pod in pods}
        for uid, worker in self._workers.items():
            if uid not in there:
                worker.vanish()
        for pod in there.values():
            self._take(pod)

    def _note(self, kind: str, pod: Pod) -> None:
        if kind == "BOOKMARK":
            return
        worker = self._workers.get(pod["metadata"]["uid"])
        if kind != "DELETED":
            self._take(pod)
        elif worker:
            worker.vanish()

    def _take(self, pod: Pod) -> None:
        uid = pod["metadata"]["uid"]
        if pod["spec"].get("nodeName") not in {None, "", self._node.settings.node_name}:
            return
        if worker := self._workers.get(uid):
            worker.update(pod)
            return
        self._start(PodWorker(pod, self._node), pod)

    def _start(self, worker: PodWorker, pod: Pod) -> None:
        uid = pod["metadata"]["uid"]
        self._workers[uid] = worker
        task = asyncio.create_task(worker.run(), name=f"pod {name_of(pod)}")
        self._tasks[uid] = task
        task.add_done_callback(lambda done: self._ended(done, worker, pod))

    def _ended(self, task: "asyncio.Task[None]", worker: PodWorker, pod: Pod) -> None:
        uid = pod["metadata"]["uid"]
        if self._workers.get(uid) is worker:
            del self._workers[uid], self._tasks[uid]
        if not task.cancelled() and (error := task.exception()):
            _log.error("%s: begun anew after %s", name_of(pod), error, exc_info=error)
            self._again = asyncio.create_task(self._look_again())

    async def _look_again(self) -> None:
        """Give a pod whose worker failed another one, if the pod is still there."""
        await asyncio.sleep(_CRASH_SECONDS)
        with contextlib.suppress(ClusterUnavailable, Refused):
            pods, _ = await self._node.client.list_pods()
            self._compare(pods)
