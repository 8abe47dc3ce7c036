"""Lists everything and feeds what differs: at boot, now and then, and when a watch began anew.

kopf loses deletions that fall between two of its watches: what is in no list any more is dropped
here. A list is consistent, so what it lacks is gone, unless we know something newer.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from podbook_crds.ends.phases import UNFINISHED_SELECTOR
from podbook_crds.errors import PodbookError
from podbook_crds.names import EXECUTION_LABEL
from podbook_kube.backoff import pauses
from podbook_kube.differences import gone
from podbook_kube.objects import Resource
from podbook_operator.cluster import EXECUTIONS, NOTEBOOKS, PODS, Cluster
from podbook_operator.watch.cache import Cache, number
from podbook_operator.watch.watch_events import Feeds, Raw
from podbook_operator.watch.watch_lag import Expectations

log = logging.getLogger(__name__)

# A watch that begins anew delivers its whole list, one event per object: once for all of them.
_SETTLE_SECONDS: Final = 1.0


class Relist:
    """Compares what the API server has with what the cache has."""

    def __init__(
        self,
        cluster: Cluster,
        cache: Cache,
        feeds: Feeds,
        *,
        resync_seconds: Callable[[], float],
        expectations: Expectations,
    ) -> None:
        self._cluster = cluster
        self._cache = cache
        self._feeds = feeds
        self._resync_seconds = resync_seconds
        self._expectations = expectations
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """A watch began anew: list within a second."""
        self._asked.set()

    async def first(self) -> None:
        """List everything once, however long the API server takes to answer."""
        said = ""
        for seconds in pauses():
            try:
                await self.once()
                break
            except PodbookError as error:
                if str(error) != said:
                    said = str(error)
                    log.info("waiting for the Kubernetes API: %s", said)
                await asyncio.sleep(seconds)

    async def run(self) -> None:
        """List again whenever it is asked for, and regularly; until cancelled."""
        while True:
            try:
                await asyncio.wait_for(self._asked.wait(), self._resync_seconds())
                await asyncio.sleep(_SETTLE_SECONDS)
            except TimeoutError:
                pass
            self._asked.clear()
            await self.first()

    async def once(self) -> None:
        """List executions before pods: a pod that is claimed between must not seem unclaimed."""
        for namespace in self._cluster.namespaces:
            await self._notebooks(namespace)
            await self._executions(namespace)
            await self._pods(namespace)

    async def _executions(self, namespace: str | None) -> None:
        items, version = await self._list(EXECUTIONS, namespace, fieldSelector=UNFINISHED_SELECTOR)
        listed = {item["metadata"]["uid"] for item in items}
        for item in items:
            self._feeds.execution(item)
        for known in self._cache.executions():
            if known.uid not in listed and namespace in {None, known.namespace}:
                metadata = {"namespace": known.namespace, "name": known.name, "uid": known.uid}
                self._feeds.execution_left({"metadata": {**metadata, "resourceVersion": version}})

    async def _pods(self, namespace: str | None) -> None:
        items, version = await self._list(PODS, namespace, labelSelector=EXECUTION_LABEL)
        listed = {item["metadata"]["uid"] for item in items}
        for item in items:
            self._feeds.pod(item)
        present = {
            pod.uid: pod
            for pod in self._cache.all_pods()
            if not pod.is_gone and namespace in {None, pod.namespace}
        }
        known = {uid: number(pod.resource_version) for uid, pod in present.items()}
        for uid in gone(known, listed, listed_at=number(version)):
            self._feeds.pod_missing(present[uid], version=version)

    async def _notebooks(self, namespace: str | None) -> None:
        items, version = await self._list(NOTEBOOKS, namespace)
        listed = {(i["metadata"]["namespace"], i["metadata"]["name"]) for i in items}
        for item in items:
            self._feeds.notebook(item)
        for known in self._cache.all_notebooks():
            if (known.namespace, known.name) in listed or namespace not in {None, known.namespace}:
                continue
            metadata = {"namespace": known.namespace, "name": known.name}
            self._feeds.notebook_left({"metadata": {**metadata, "resourceVersion": version}})

    async def _list(
        self, resource: Resource, namespace: str | None, **selectors: str
    ) -> tuple[list[Raw], str]:
        """Return every item, and the resourceVersion that the list is consistent at."""
        items: list[Raw] = []
        version = ""
        async for page in self._cluster.pages(resource, namespace, **selectors):
            items += page["items"]
            version = page["metadata"]["resourceVersion"]
        self._expectations.listed(resource, namespace, [item["metadata"] for item in items])
        return items, version
