"""What was last seen of executions, pods and notebooks.

An older state never replaces a newer one, whoever brings it: our own writes put their answers here
at once, so a watch that is behind cannot undo what we know. Resource versions are compared as
numbers: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from cachetools import FIFOCache

from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import Notebook
from podbook_operator.pod.state import PodState
from podbook_operator.watch.queue_keys import Key, NotebookKey

# Deleted pods whose late events must not bring them back.
_REMEMBERED: Final = 10_000


class Cache:
    """Executions by uid, pods by their execution's uid, notebooks by name."""

    def __init__(self) -> None:
        self._executions: dict[str, Execution] = {}
        self._pods: dict[str, dict[str, PodState]] = {}
        self._notebooks: dict[NotebookKey, Notebook] = {}
        # Pods that wait for a call, by uid; one that was given stands with its execution.
        self._idle: dict[str, PodState] = {}
        self._given: set[str] = set()
        self._gone: FIFOCache[str, None] = FIFOCache(_REMEMBERED)

    def execution(self, uid: str) -> Execution | None:
        """Return the execution as last seen; None where it is final or gone, or never was."""
        return self._executions.get(uid)

    def executions(self) -> list[Execution]:
        """Return every execution that is kept."""
        return list(self._executions.values())

    def put_execution(self, execution: Execution) -> bool:
        """Keep the execution; tell whether it is news."""
        known = self._executions.get(execution.uid)
        if execution.uid in self._gone or (known is not None and not _is_newer(execution, known)):
            return False
        self._executions[execution.uid] = execution
        return True

    def drop_execution(self, uid: str, *, up_to: str) -> bool:
        """Forget the execution, as it no longer is among the unfinished; tell whether it was.

        One that is known to be final stays for its pods' sake, one that is newer because it is.
        """
        known = self._executions.get(uid)
        if known is None or known.status.phase.is_final:
            return False
        if number(known.resource_version) > number(up_to):
            return False
        del self._executions[uid]
        return True

    def forget_execution(self, uid: str) -> None:
        """Forget the execution: it was seen to be gone. Its pods may still be there."""
        self._executions.pop(uid, None)

    def forget(self, uid: str) -> None:
        """Forget the execution and its pods for good: it is gone, and so are they."""
        self._executions.pop(uid, None)
        self._given -= self._pods.pop(uid, {}).keys()
        self._bury(uid)

    def pods(self, execution_uid: str) -> tuple[PodState, ...]:
        """Return the pods of an execution, and the last of those that just went."""
        return tuple(self._pods.get(execution_uid, {}).values())

    def all_pods(self) -> Iterator[PodState]:
        """Yield every pod."""
        for pods in (*self._pods.values(), self._idle):
            yield from list(pods.values())

    @property
    def idle_count(self) -> int:
        """How many pods wait for calls, of all notebooks."""
        return len(self._idle)

    @property
    def idle_memory(self) -> int:
        """How many bytes they ask for together."""
        return sum(pod.requested_memory for pod in self._idle.values())

    def idle_in(self, namespace: str) -> list[PodState]:
        """Return the pods that wait in a namespace."""
        return [pod for pod in self._idle.values() if pod.namespace == namespace]

    def idle_pods(self, key: NotebookKey) -> list[PodState]:
        """Return the pods that wait for calls of a notebook."""
        return [p for p in self._idle.values() if (p.namespace, p.notebook) == key]

    def put_pod(self, pod: PodState) -> bool:
        """Keep the pod; tell whether it is news. The last of a pod that is gone stays."""
        if pod.uid in self._gone:
            return False
        if pod.is_idle:
            return self._put_idle(pod)
        if pod.warm:
            self._idle.pop(pod.uid, None)
            self._given.add(pod.uid)
        pods = self._pods.setdefault(pod.execution_uid, {})
        known = pods.get(pod.uid)
        if known is not None and not _is_newer(pod, known):
            return False
        pods[pod.uid] = pod if known is None else _deleted_since(pod, known)
        if pod.is_gone:
            self._bury(pod.uid)
        return True

    def not_idle(self, uid: str) -> None:
        """Forget a pod that could not be given: what it is now the watch tells."""
        self._idle.pop(uid, None)

    def _put_idle(self, pod: PodState) -> bool:
        """Keep a pod that waits, as long as it is there: what was given is idle no more."""
        known = self._idle.get(pod.uid)
        if pod.uid in self._given or (known is not None and not _is_newer(pod, known)):
            return False
        if pod.is_gone:
            self._idle.pop(pod.uid, None)
            self._bury(pod.uid)
        else:
            self._idle[pod.uid] = pod
        return True

    def pod_is_deleted(self, pod: PodState, *, now: datetime, grace_seconds: int) -> None:
        """Note a deletion that we asked for; the watch brings the rest."""
        pods = self._idle if pod.is_idle else self._pods.get(pod.execution_uid, {})
        if (known := pods.get(pod.uid)) is None:
            return
        before = known.deletion_grace_seconds
        if known.deletion_at is None or (before is not None and grace_seconds < before):
            asked_at = known.deletion_asked_at or now
            gone_by = asked_at + timedelta(seconds=grace_seconds)
            pods[pod.uid] = replace(
                known, deletion_at=gone_by, deletion_grace_seconds=grace_seconds
            )

    def notebook(self, namespace: str, name: str | None) -> Notebook | None:
        """Return the notebook as last seen."""
        return self._notebooks.get(NotebookKey(namespace, name)) if name else None

    def referred(self, namespace: str, reference: str | None) -> Notebook | None:
        """Return what an execution calls by its resource's name, or else by its id.

        `kubectl get nb` shows both. Of two notebooks of one id the older one has it.
        """
        found = self.notebook(namespace, reference)
        if found is not None or not reference:
            return found
        called = [n for n in self.notebooks(namespace) if n.spec.id == reference]
        return min(called, key=lambda notebook: (notebook.created, notebook.name), default=None)

    def notebooks(self, namespace: str) -> list[Notebook]:
        """Return the notebooks of a namespace."""
        return [found for key, found in self._notebooks.items() if key.namespace == namespace]

    def put_notebook(self, notebook: Notebook) -> bool:
        """Keep the notebook; tell whether it is news."""
        key = NotebookKey(notebook.namespace, notebook.name)
        known = self._notebooks.get(key)
        if known is not None and not _is_newer(notebook, known):
            return False
        self._notebooks[key] = notebook
        return True

    def drop_notebook(self, key: NotebookKey, *, up_to: str) -> None:
        """Forget the notebook, unless something newer than that resourceVersion is known."""
        known = self._notebooks.get(key)
        if known is not None and number(known.resource_version) <= number(up_to):
            del self._notebooks[key]

    def all_notebooks(self) -> list[Notebook]:
        """Return every notebook."""
        return list(self._notebooks.values())

    def _bury(self, uid: str) -> None:
        self._gone[uid] = None


def key_of(execution: Execution) -> Key:
    """Return the execution's place in the work queue."""
    return Key(execution.namespace, execution.name, execution.uid)


def key_of_pod(pod: PodState) -> Key:
    """Return the place of the pod's execution in the work queue."""
    return Key(pod.namespace, pod.execution_name, pod.execution_uid)


def number(resource_version: str) -> int:
    """Return the resourceVersion as a number; what is none counts as oldest."""
    return int(resource_version) if resource_version.isdecimal() else 0


def _deleted_since(pod: PodState, known: PodState) -> PodState:
    """A kubelet ends a deletion by a second one without grace: the first says when it was asked."""
    if known.deletion_asked_at is None or pod.deletion_asked_at is None:
        return pod
    return replace(pod, deletion_asked_at=known.deletion_asked_at)


def _is_newer(
    found: Execution | PodState | Notebook, known: Execution | PodState | Notebook
) -> bool:
    return number(found.resource_version) > number(known.resource_version)
