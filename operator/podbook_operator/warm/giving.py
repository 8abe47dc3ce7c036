"""Gives a waiting pod to an attempt, instead of making one for it."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Final

from podbook_crds.errors import ClusterUnavailable, Refused
from podbook_crds.resources.notebook import Notebook
from podbook_crds.resources.serving.warm import Warm
from podbook_operator.cluster import PODS, Cluster
from podbook_operator.pod.manifest import Manifest
from podbook_operator.pod.state import PodState, read
from podbook_operator.rules.attempts import was_idle
from podbook_operator.rules.view import View
from podbook_operator.warm.manifest import gift, pool_of
from podbook_operator.warm.plan import is_fit
from podbook_operator.watch.cache import Cache, key_of
from podbook_operator.watch.queue_keys import Key, NotebookKey

log = logging.getLogger(__name__)

# It is gone, or waits no more. Another refusal is about our rights, and the pod goes on waiting.
_MOVED_ON: Final = {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}


class Giving:
    """At most one pod for an attempt; what became of a lost answer is looked up before another."""

    def __init__(
        self,
        cluster: Cluster,
        cache: Cache,
        *,
        now: Callable[[], datetime],
        started: Callable[[NotebookKey], None],
        make_room: Callable[[str], Awaitable[bool]],
    ) -> None:
        """Started is told of each call, make_room of a namespace without room for one."""
        self._cluster = cluster
        self._cache = cache
        self._now = now
        self._started = started
        self.make_room = make_room
        self._unsure: dict[Key, PodState] = {}

    async def give(self, view: View, manifest: Manifest) -> PodState | None:
        """Give a pod that waits for calls like this one; None where there is none."""
        notebook = self._cache.referred(view.execution.namespace, view.terms.notebook)
        if notebook is None or notebook.spec.warm is None:
            return None
        try:
            return await self._had(view, notebook, notebook.spec.warm, manifest)
        finally:
            # Now, not before: what is made for the next call is counted without the one given.
            self._started(NotebookKey(notebook.namespace, notebook.name))

    async def _had(
        self, view: View, notebook: Notebook, warm: Warm, manifest: Manifest
    ) -> PodState | None:
        key = key_of(view.execution)
        if (pod := self._unsure.pop(key, None)) is not None:
            given = await self._looked_up(key, pod)
            if given is not None:
                return given
        for pod in self._candidates(view, notebook, warm, manifest):
            if (given := await self._given(key, pod, manifest)) is not None:
                return given
        return None

    async def _looked_up(self, key: Key, pod: PodState) -> PodState | None:
        """Return the pod if it was given though no answer said so."""
        try:
            found = await self._cluster.get(PODS, pod.namespace, pod.name)
        except (ClusterUnavailable, Refused):
            self._unsure[key] = pod
            raise
        now = None if found is None else read(found)
        if now is None or now.uid != pod.uid:
            return None
        self._cache.put_pod(now)
        return now if now.execution_uid == key.uid else None

    def _candidates(
        self, view: View, notebook: Notebook, warm: Warm, manifest: Manifest
    ) -> list[PodState]:
        """Return the pods that the attempt may have, the oldest first."""
        attempts = view.execution.status.attempts
        if attempts and was_idle(attempts[-1]):
            return []
        waiting = self._cache.idle_pods(NotebookKey(notebook.namespace, notebook.name))
        fit = [pod for pod in waiting if is_fit(pod)]
        # Its own deadline was set when it was made: a call that may take longer has none of them.
        if not fit or view.terms.deadline_seconds > notebook.spec.defaults.deadline_seconds:
            return []
        key = pool_of(manifest, notebook, warm)
        return sorted((pod for pod in fit if pod.pool == key), key=lambda pod: pod.created)

    async def _given(self, key: Key, pod: PodState, manifest: Manifest) -> PodState | None:
        patch = gift(pod.uid, manifest, given_at=self._now().isoformat())
        try:
            answer = await self._cluster.change(PODS, pod.namespace, pod.name, patch)
        except Refused as refused:
            log.info("%s/%s could not be given: %s", pod.namespace, pod.name, refused)
            if refused.status in _MOVED_ON:
                self._cache.not_idle(pod.uid)
            return None
        except ClusterUnavailable:
            self._unsure[key] = pod
            raise
        given = read(answer)
        self._cache.put_pod(given)
        # On its way out already: it ends unclaimed, and another has to be had.
        return given if given.deletion_at is None else None
