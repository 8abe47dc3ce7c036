"""Gathers what a decision is made on: from the cache, and live where a cache may lack something."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from podbook_crds import names
from podbook_crds.ends.phases import Phase
from podbook_crds.resources import revision
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import Notebook, Version
from podbook_operator.cluster import EXECUTIONS, NOTEBOOKS, PODS, REVISIONS, Cluster
from podbook_operator.config import ConfigFile
from podbook_operator.pod.state import read
from podbook_operator.reconcile.parameter_verdicts import Verdicts
from podbook_operator.rules import limits
from podbook_operator.rules.effective_spec import Terms, terms
from podbook_operator.rules.view import View
from podbook_operator.watch.cache import Cache
from podbook_operator.watch.queue_keys import Key

_VERSIONS_KEPT: Final = 256


class Gathering:
    """What is known of one execution; what is read goes into the cache."""

    def __init__(
        self,
        cluster: Cluster,
        cache: Cache,
        *,
        config: ConfigFile,
        verdicts: Verdicts,
        now: Callable[[], datetime],
    ) -> None:
        self._cluster = cluster
        self._cache = cache
        self._config = config
        self._verdicts = verdicts
        self._now = now
        # Of notebooks that are gone or have moved on; a version never changes.
        self._versions: dict[tuple[str, str], Version] = {}

    async def current(self, key: Key) -> Execution | None:
        """Return the execution. Absent from the cache means final or gone: a read tells which."""
        known = self._cache.execution(key.uid)
        return known if known is not None else await self.refreshed(key)

    async def refreshed(self, key: Key) -> Execution | None:
        """Return the execution as it stands in the cluster, None where it is gone."""
        found = await self._cluster.get(EXECUTIONS, key.namespace, key.name)
        if found is None or found["metadata"]["uid"] != key.uid:
            self._cache.forget_execution(key.uid)
            return None
        execution = Execution.from_resource(found)
        self._cache.put_execution(execution)
        return execution

    async def view(
        self,
        key: Key,
        execution: Execution,
        *,
        holds_slot: bool,
        others_wait: bool,
        paused_until: datetime | None,
    ) -> View:
        """Return all that the rules may look at."""
        owned = [pod for pod in self._cache.pods(key.uid) if pod.owner_uid == key.uid]
        return View(
            execution,
            limits.within(
                execution, await self._terms(key, execution), self._config.current.limits
            ),
            tuple(owned),
            self._now(),
            self._config.current,
            holds_slot=holds_slot,
            others_wait=others_wait,
            paused_until=paused_until,
        )

    async def has_pod(self, execution: Execution) -> bool:
        """Look for the pod of the open attempt; tell whether that is news to the cache."""
        attempt = execution.status.attempts[-1]
        name = attempt.pod or names.pod_name(execution.uid, attempt.number)
        found = await self._cluster.get(PODS, execution.namespace, name)
        return found is not None and self._cache.put_pod(read(found))

    def forget(self, key: Key) -> None:
        """The execution is gone, and what was found about it goes too."""
        self._verdicts.forget(key)

    async def _terms(self, key: Key, execution: Execution) -> Terms:
        namespace, name = execution.namespace, execution.spec.notebook.name
        notebook = self._cache.referred(namespace, name)
        found = self._judged(key, execution, notebook)
        if name is None or execution.status.phase.is_final:
            return found
        if found.needs_fresh_notebook and execution.status.phase is Phase.QUEUED:
            called = name if notebook is None else notebook.name
            live = await self._cluster.get(NOTEBOOKS, namespace, called)
            notebook = None if live is None else Notebook.from_resource(live)
            found = self._judged(key, execution, notebook)
        if found.needs_kept_version:
            kept = await self._kept(execution)
            config = self._config.current
            return terms(execution, notebook, config.kernels, images=config.environments, kept=kept)
        return found

    async def _kept(self, execution: Execution) -> Version | None:
        """Return the version that was kept when the execution was accepted."""
        reference = execution.spec.notebook
        name = revision.name(reference.name or "", reference.digest or "")
        where = (execution.namespace, name)
        if where not in self._versions:
            found = await self._cluster.get(REVISIONS, *where)
            if found is None:
                return None
            notebook, version = revision.read(found)
            if notebook != reference.name:
                return None
            while len(self._versions) >= _VERSIONS_KEPT:
                del self._versions[next(iter(self._versions))]
            self._versions[where] = version
        return self._versions[where]

    def _judged(self, key: Key, execution: Execution, notebook: Notebook | None) -> Terms:
        kernels, images = self._config.current.kernels, self._config.current.environments
        found = terms(execution, notebook, kernels, images=images)
        if not found.is_unjudged or notebook is None:
            return found
        if execution.status.phase is not Phase.QUEUED:
            return replace(found, is_unjudged=False)  # It was judged before it ran.
        verdict = self._verdicts.get(key, execution, notebook)
        if verdict is None:
            return found
        return terms(execution, notebook, kernels, images=images, verdict=verdict)
