"""Gathers what a decision is made on: from the cache, and live where a cache may lack something."""

from dataclasses import replace
from typing import Final

from cachetools import FIFOCache

from podbook_crds.ends.phases import Phase
from podbook_crds.resources import revision
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import Notebook, Version
from podbook_operator.cluster import NOTEBOOKS, REVISIONS
from podbook_operator.reconcile.parameter_verdicts import Verdicts
from podbook_operator.reconcile.turns import Turn
from podbook_operator.reconcile.world import World
from podbook_operator.rules import limits
from podbook_operator.rules.effective_spec import Terms, terms
from podbook_operator.rules.view import View
from podbook_operator.watch.queue_keys import Key

_VERSIONS_KEPT: Final = 256


class Gathering:
    """What is known of one execution; what is read goes into the cache."""

    def __init__(self, world: World, verdicts: Verdicts) -> None:
        self._world = world
        self._verdicts = verdicts
        # Of notebooks that are gone or have moved on; a version never changes.
        self._versions: FIFOCache[tuple[str, str], Version] = FIFOCache(_VERSIONS_KEPT)

    async def view(self, key: Key, execution: Execution, turn: Turn) -> View:
        """Return all that the rules may look at."""
        cache, config = self._world.cache, self._world.config
        owned = [pod for pod in cache.pods(key.uid) if pod.owner_uid == key.uid]
        found = await self._terms(key, execution)
        return View(
            execution,
            limits.within(execution, found, config.current.limits),
            tuple(owned),
            self._world.now(),
            config.current,
            holds_slot=turn.holds_slot,
            others_wait=turn.others_wait,
            paused_until=turn.paused_until,
        )

    def forget(self, key: Key) -> None:
        """The execution is gone, and what was found about it goes too."""
        self._verdicts.forget(key)

    async def _terms(self, key: Key, execution: Execution) -> Terms:
        namespace, name = execution.namespace, execution.spec.notebook.name
        notebook = self._world.cache.referred(namespace, name)
        found = self._judged(key, execution, notebook)
        if name is None or execution.status.phase.is_final:
            return found
        if found.needs_fresh_notebook and execution.status.phase is Phase.QUEUED:
            called = name if notebook is None else notebook.name
            live = await self._world.cluster.get(NOTEBOOKS, namespace, called)
            notebook = None if live is None else Notebook.from_resource(live)
            found = self._judged(key, execution, notebook)
        if found.needs_kept_version:
            kept = await self._kept(execution)
            config = self._world.config.current
            return terms(execution, notebook, config.kernels, images=config.environments, kept=kept)
        return found

    async def _kept(self, execution: Execution) -> Version | None:
        """Return the version that was kept when the execution was accepted."""
        reference = execution.spec.notebook
        name = revision.name(reference.name or "", reference.digest or "")
        where = (execution.namespace, name)
        if where not in self._versions:
            found = await self._world.cluster.get(REVISIONS, *where)
            if found is None:
                return None
            notebook, version = revision.read(found)
            if notebook != reference.name:
                return None
            self._versions[where] = version
        return self._versions[where]

    def _judged(self, key: Key, execution: Execution, notebook: Notebook | None) -> Terms:
        config = self._world.config.current
        found = terms(execution, notebook, config.kernels, images=config.environments)
        if not found.is_unjudged or notebook is None:
            return found
        if execution.status.phase is not Phase.QUEUED:
            return replace(found, is_unjudged=False)  # It was judged before it ran.
        verdict = self._verdicts.get(key, execution, notebook)
        if verdict is None:
            return found
        return terms(
            execution, notebook, config.kernels, images=config.environments, verdict=verdict
        )
