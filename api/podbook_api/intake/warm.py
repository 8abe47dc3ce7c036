"""Pods that wait for a call: what they prepare, that they are ready, and whose they become."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from cachetools import FIFOCache

from podbook_api.intake.identity import Caller
from podbook_api.intake.jobs import Jobs
from podbook_api.intake.view import Gone, Pod, View, is_ending
from podbook_api.state.cluster import Cluster
from podbook_api.state.warm_pods import WarmPods
from podbook_crds import names
from podbook_crds.protocol.intake import Prepared
from podbook_crds.protocol.job import Job
from podbook_crds.resources.execution import Execution, ExecutionSpec, NotebookRef

# Shorter than what any proxy between makes of a silent answer.
LONGEST_WAIT_SECONDS: Final = 20.0
_REMEMBERED: Final = 4096


class Waiting:
    """Answers pods that nobody has called yet."""

    def __init__(
        self,
        cluster: Cluster,
        view: View,
        jobs: Jobs,
        warm: WarmPods,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._cluster = cluster
        self._view = view
        self._jobs = jobs
        self._warm = warm
        self._now = now
        self._given: FIFOCache[str, Caller] = FIFOCache(_REMEMBERED)

    async def preparation(self, caller: Caller) -> Job:
        """Return the job of a call that gives no parameters; raise as a claim does."""
        pod = await self._idle(caller)
        return await self._jobs.build(self._usual_call(pod), attempt=0, pod=pod)

    async def blobs(self, caller: Caller) -> frozenset[str]:
        """Return the digests that such a job names; raise as a claim does."""
        pod = await self._idle(caller)
        return await self._jobs.blobs(self._usual_call(pod), pod)

    def _usual_call(self, pod: Pod) -> Execution:
        notebook = (pod["metadata"].get("annotations") or {}).get(names.NOTEBOOK_ANNOTATION)
        spec = ExecutionSpec(notebook=NotebookRef(name=notebook))
        return Execution(namespace=self._cluster.namespace, name="", uid="", spec=spec)

    async def prepared(self, caller: Caller, said: Prepared) -> None:
        """Let the operator know, by a condition of the pod, that it may be given, or never."""
        await self._idle(caller)
        condition = {
            "type": names.PREPARED_CONDITION,
            "status": "True" if said.ok else "False",
            "reason": "Prepared" if said.ok else "PreparationFailed",
            "message": said.message,
            "lastTransitionTime": self._now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        await self._cluster.add_pod_condition(caller.pod_name, caller.pod_uid, condition)

    async def became(self, caller: Caller, *, seconds: float = 0.0) -> Caller | None:
        """Return the caller as the attempt that its pod was given to; None where to none yet.

        After so many seconds at the most. What is given is never taken back.
        """
        if (known := self._given.get(caller.pod_uid)) is not None:
            return known
        pod: Pod | None
        if seconds:
            pod = await self._warm.given(
                caller.pod_name, seconds=min(seconds, LONGEST_WAIT_SECONDS)
            )
        else:
            pod = await self._cluster.get("pods", caller.pod_name)
        if pod is None or pod["metadata"]["uid"] != caller.pod_uid:
            return None
        labels = pod["metadata"].get("labels") or {}
        if labels.get(names.WARM_LABEL) != names.WARM_GIVEN:
            return None
        attempt = int(labels[names.ATTEMPT_LABEL])
        given = Caller(caller.pod_name, caller.pod_uid, labels[names.EXECUTION_LABEL], attempt)
        self._given[caller.pod_uid] = given
        return given

    async def _idle(self, caller: Caller) -> Pod:
        """Return the caller's pod as it is now; raise Gone unless it waits."""
        pod = await self._cluster.get("pods", caller.pod_name)
        if pod is None or pod["metadata"]["uid"] != caller.pod_uid or is_ending(pod):
            raise Gone("PodGone", f"pod {caller.pod_name} is gone")
        labels = pod["metadata"].get("labels") or {}
        if labels.get(names.WARM_LABEL) != names.WARM_IDLE:
            raise Gone("PodUnknown", f"pod {caller.pod_name} does not wait for a call")
        return pod
