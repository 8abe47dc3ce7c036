"""Keeps the pods that wait for calls: makes what is missing and lets go of what is of no use."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from podbook_crds import names
from podbook_crds.errors import Refused
from podbook_crds.resources.notebook import Notebook
from podbook_crds.resources.quantities import parse
from podbook_crds.resources.serving.warm import WAITING_LIMIT, Warm
from podbook_operator.cluster import PODS, Cluster
from podbook_operator.config import ConfigFile
from podbook_operator.pod.manifest import Manifest, Site
from podbook_operator.pod.state import PodState, read, requested_memory
from podbook_operator.rules.deletions import SHORTEST_GRACE_SECONDS
from podbook_operator.rules.duplicates import READY
from podbook_operator.rules.effective_spec import Terms
from podbook_operator.warm.manifest import pool_of, usual_manifest, usual_terms, waiting
from podbook_operator.warm.plan import RECENT, Plan, Pool, has_failed, plan, room_for
from podbook_operator.warm.standing import NOT_RUNNABLE, Hindrance, Standing, standing
from podbook_operator.watch.cache import Cache
from podbook_operator.watch.queue_keys import NotebookKey

log = logging.getLogger(__name__)

# So long a name is no other's: 64 bits.
_NAME_BYTES: Final = 8


@dataclass(slots=True)
class _Memory:
    """What no pod says: when calls came, and what went wrong before one could."""

    starts: list[datetime] = field(default_factory=list)
    failed: dict[str, datetime] = field(default_factory=dict)
    # What the last of them said.
    failure: str = ""
    # What the API server answered to the last pod, if it would not have it.
    refusal: str = ""
    key: str = ""
    short_since: datetime | None = None


class Pools:
    """Works on one notebook at a time."""

    def __init__(
        self,
        cluster: Cluster,
        cache: Cache,
        *,
        site: Site,
        config: ConfigFile,
        now: Callable[[], datetime],
    ) -> None:
        self._cluster = cluster
        self._cache = cache
        self._site = site
        self._config = config
        self._now = now
        self._memories: dict[NotebookKey, _Memory] = {}
        self._standings: dict[NotebookKey, Standing] = {}
        # When a call's pod was refused by the quota, by namespace.
        self._crowded: dict[str, datetime] = {}

    def started(self, key: NotebookKey) -> None:
        """Note that a call of a notebook that keeps pods began."""
        memory = self._memories.setdefault(key, _Memory())
        since = self._now() - RECENT
        kept = [start for start in memory.starts if start > since]
        memory.starts = [*kept, self._now()][-WAITING_LIMIT:]

    @property
    def idle(self) -> int:
        """How many pods wait, or are on their way there."""
        return self._cache.idle_count

    def standing(self, key: NotebookKey) -> Standing | None:
        """Return whether as many wait as are wanted; None where that is not known yet."""
        return self._standings.get(key)

    async def reconcile(self, key: NotebookKey) -> datetime | None:
        """Make the notebook's pods those that are wanted; return when to look again."""
        notebook = self._cache.notebook(key.namespace, key.name)
        pods = tuple(self._cache.idle_pods(key))
        warm = None if notebook is None else notebook.spec.warm
        held = None if notebook is None or warm is None else self._held(notebook)
        if notebook is None or warm is None or held is None:
            self._memories.pop(key, None)
            self._stand(key, None if notebook is None or warm is None else _not_runnable(notebook))
            await self._let_go(pods)
            return None
        manifest = usual_manifest(notebook, held, self._site, self._config.current)
        memory = self._memories.setdefault(key, _Memory())
        if memory.key != (pool := pool_of(manifest, notebook, warm)):
            memory.key, memory.failed = pool, {}
        pool_now = self._pool(warm, pods, memory, held.start_timeout_seconds)
        pool_now = replace(pool_now, room=self._room(key.namespace, manifest))
        decided = plan(pool_now)
        memory.short_since = (memory.short_since or self._now()) if decided.is_short else None
        await self._let_go(decided.delete)
        if decided.make or not decided.is_short:
            memory.refusal = await self._make(decided, manifest, notebook, warm)
        met = Hindrance(memory.failure, self._no_quota(key.namespace) or memory.refusal)
        stands = standing(pool_now, decided, met, generation=notebook.generation)
        self._stand(key, stands or self.standing(key))
        if not decided.is_short:
            return decided.look_again_at
        # What took the room tells only its own pool when it goes.
        return min(decided.look_again_at or datetime.max.replace(tzinfo=UTC), self._now() + RECENT)

    def _stand(self, key: NotebookKey, stands: Standing | None) -> None:
        if stands is None:
            self._standings.pop(key, None)
        else:
            self._standings[key] = stands

    def _held(self, notebook: Notebook) -> Terms | None:
        """Return what holds for a run; None where there can be none."""
        held = usual_terms(notebook, self._config.current)
        is_ready = any(c.type == READY and c.status == "True" for c in notebook.status.conditions)
        return held if is_ready and held.problem is None else None

    def _pool(
        self, warm: Warm, pods: tuple[PodState, ...], memory: _Memory, start_seconds: int
    ) -> Pool:
        pool = Pool(
            warm,
            memory.key,
            pods,
            self._now(),
            start_timeout_seconds=start_seconds,
            starts=tuple(memory.starts),
            short_since=memory.short_since,
        )
        self._note_failures(pool, memory)
        failed_at = max(memory.failed.values(), default=None)
        return replace(pool, failures=len(memory.failed), failed_at=failed_at)

    def _no_quota(self, namespace: str) -> str:
        """Say that calls found no room a moment ago, where they did."""
        refused = self._crowded.get(namespace)
        is_crowded = refused is not None and self._now() < refused + RECENT
        return "a quota had no room for the pod of a call, and calls come first" * is_crowded

    def _room(self, namespace: str, manifest: Manifest) -> int:
        """Return how many more may be made; none where calls found no room a moment ago."""
        if self._no_quota(namespace):
            return 0
        limits = self._config.current.warm
        return room_for(
            requested_memory(manifest),
            total=limits.total,
            idle=self.idle,
            memory=None if limits.memory is None else int(parse(limits.memory)),
            used=self._cache.idle_memory,
        )

    async def make_room(self, namespace: str) -> bool:
        """End what waits in a namespace whose quota refused a call's pod; tell if there was any.

        Calls come first: for a minute no other is made there.
        """
        self._crowded[namespace] = self._now()
        waiting_there = self._cache.idle_in(namespace)
        await self._let_go(tuple(pod for pod in waiting_there if pod.deletion_at is None))
        return bool(waiting_there)

    def _note_failures(self, pool: Pool, memory: _Memory) -> None:
        """Remember which pods came to nothing; one that came to wait ends the row.

        One that we let go of before it was prepared has not failed.
        """
        for pod in pool.pods:
            if pod.pool != memory.key:
                continue
            if pod.is_prepared:
                memory.failed.clear()
            elif pod.uid not in memory.failed and has_failed(pod, pool):
                memory.failed[pod.uid] = self._now()
                memory.failure = _why(pod)
                log.info("%s/%s did not come to wait: %s", pod.namespace, pod.name, memory.failure)

    async def _let_go(self, pods: tuple[PodState, ...]) -> None:
        for pod in pods:
            # First, so that nobody is given it meanwhile.
            self._cache.pod_is_deleted(pod, now=self._now(), grace_seconds=SHORTEST_GRACE_SECONDS)
            await self._cluster.delete(
                PODS,
                pod.namespace,
                pod.name,
                uid=pod.uid,
                version=pod.resource_version,
                grace_seconds=SHORTEST_GRACE_SECONDS,
            )

    async def _make(self, decided: Plan, manifest: Manifest, notebook: Notebook, warm: Warm) -> str:
        """Make what is missing; return why the API server would not have it."""
        for _ in range(decided.make):
            name = f"{names.WARM_POD_PREFIX}{secrets.token_hex(_NAME_BYTES)}"
            body = waiting(manifest, notebook, warm, name=name)
            try:
                made = await self._cluster.create(PODS, notebook.namespace, body)
            except Refused as refused:
                if refused.status == HTTPStatus.FORBIDDEN:  # A quota, for one: calls come first.
                    log.info("%s: no pod waits for it: %s", notebook.name, refused)
                    return str(refused)
                raise
            self._cache.put_pod(read(made))
        return ""


def _not_runnable(notebook: Notebook) -> Standing:
    message = "its condition Ready says why it cannot be run"
    return Standing(False, NOT_RUNNABLE, notebook.generation, message)


def _why(pod: PodState) -> str:
    containers = (pod.runner, pod.kernel)
    said = [pod.preparation, *(c.message or c.reason for c in containers), pod.message]
    return next(filter(None, said), f"it was {pod.phase} until its time was over")
