"""Turns what the watches deliver into what the cache knows and what the queues are to see to."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from podbook_crds import names
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import Notebook, NotebookStatus
from podbook_operator.pod.state import PodState, read
from podbook_operator.rules.duplicates import is_duplicate
from podbook_operator.watch.cache import Cache, key_of, key_of_pod
from podbook_operator.watch.queue_keys import Key, NotebookKey

log = logging.getLogger(__name__)

Raw = dict[str, Any]


class Feeds:
    """Takes whole objects, in any order and as often as they come."""

    def __init__(
        self,
        cache: Cache,
        *,
        enqueue: Callable[[Key], None],
        enqueue_notebook: Callable[[NotebookKey], None],
        enqueue_pool: Callable[[NotebookKey], None],
    ) -> None:
        self._cache = cache
        self._enqueue = enqueue
        self._enqueue_notebook = enqueue_notebook
        self._enqueue_pool = enqueue_pool

    def execution(self, raw: Raw) -> None:
        """An unfinished execution as it is now."""
        try:
            execution = Execution.from_resource(raw)
        except ValidationError as error:
            _unreadable(raw, error)
            return
        if self._cache.put_execution(execution):
            self._enqueue(key_of(execution))

    def execution_left(self, raw: Raw) -> None:
        """An execution is no longer among the unfinished: final, or gone."""
        metadata = raw["metadata"]
        if self._cache.drop_execution(metadata["uid"], up_to=metadata["resourceVersion"]):
            self._enqueue(Key(metadata["namespace"], metadata["name"], metadata["uid"]))

    def pod(self, raw: Raw) -> None:
        """A pod as it is now."""
        self._put(read(raw))

    def pod_left(self, raw: Raw) -> None:
        """A pod is gone; this was its last state."""
        self._put(read(raw, is_gone=True))

    def pod_missing(self, pod: PodState, *, version: str) -> None:
        """A pod that we knew is not in a list of that resourceVersion."""
        self._put(replace(pod, resource_version=version, is_gone=True))

    def notebook(self, raw: Raw) -> None:
        """A notebook as it is now."""
        try:
            notebook = Notebook.from_resource(raw)
        except ValidationError as error:
            _unreadable(raw, error)
            return
        key = NotebookKey(notebook.namespace, notebook.name)
        before = self._cache.notebook(*key)
        if not self._cache.put_notebook(notebook):
            return
        if before is not None and _for_runs(before) == _for_runs(notebook):
            self._enqueue_notebook(key)  # Its pods may wait for more, or have to be made anew.
        else:
            self._notebook_changed(key)

    def notebook_left(self, raw: Raw) -> None:
        """A notebook is gone."""
        metadata = raw["metadata"]
        key = NotebookKey(metadata["namespace"], metadata["name"])
        self._cache.drop_notebook(key, up_to=metadata["resourceVersion"])
        self._notebook_changed(key)

    def _put(self, pod: PodState) -> None:
        if pod.warm and self._cache.put_pod(pod):
            self._enqueue_pool(NotebookKey(pod.namespace, pod.notebook))
            if not pod.is_idle:
                self._enqueue(key_of_pod(pod))
        elif pod.warm:
            return
        elif not pod.execution_name or not pod.execution_uid:
            log.warning("%s/%s has our label and is none of ours", pod.namespace, pod.name)
        elif self._cache.put_pod(pod):
            self._enqueue(key_of_pod(pod))

    def _notebook_changed(self, key: NotebookKey) -> None:
        """See to the notebook, its namesakes, and the executions that may have waited for it."""
        self._enqueue_notebook(key)
        changed = self._cache.notebook(key.namespace, key.name)
        for notebook in self._cache.notebooks(key.namespace):
            if is_duplicate(notebook) or (changed is not None and notebook.id == changed.id):
                self._enqueue_notebook(NotebookKey(notebook.namespace, notebook.name))
        called = {key.name, changed.id if changed is not None else key.name}
        for execution in self._cache.executions():
            is_of_it = execution.spec.notebook.name in called
            if is_of_it and execution.namespace == key.namespace:
                self._enqueue(key_of(execution))


def _for_runs(notebook: Notebook) -> tuple[str, int, NotebookStatus]:
    """Return what executions go by: not annotations, and not whether pods wait for calls."""
    conditions = [c for c in notebook.status.conditions if c.type != names.WARM_CONDITION]
    return (
        notebook.uid,
        notebook.generation,
        notebook.status.model_copy(update={"conditions": conditions}),
    )


def _unreadable(raw: Raw, error: ValidationError) -> None:
    metadata = raw.get("metadata", {})
    where = f"{metadata.get('namespace')}/{metadata.get('name')}"
    log.error("%s cannot be read and is left alone: %s", where, error)
