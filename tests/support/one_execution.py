"""Whatever happens in whatever order: user code runs at most once, and every execution ends.

The world is an execution, its pods and a clock. The operator may look at any past state of the
execution, as a watch that is behind would show it; its writes are refused then, as the API server
refuses them. A pod may be hidden from it too, as one is whose POST was not answered, but for those
whose end it wrote down: that takes a look at them, and every operator begins with a list.
"""

import math
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from podbook_crds.ends.finish import DECIDED_BY_RESULT, finished
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol.result import RunResult
from podbook_crds.resources.execution import Attempt, Execution, ExecutionStatus
from podbook_operator.config import OperatorConfig
from podbook_operator.pod.state import ContainerState, PodState
from podbook_operator.rules.decide import decide
from podbook_operator.rules.deletions import SHORTEST_GRACE_SECONDS
from tests.support.views import NOW, STARTED, a_pod, a_view, an_execution, ended

RESULTS = [
    None,
    RunResult(reason=Reason.NOTEBOOK_COMPLETED),
    RunResult(reason=Reason.NOTEBOOK_RAISED),
    RunResult(reason=Reason.NOTEBOOK_RAISED, interrupted=True),
    RunResult(reason=Reason.KERNEL_DIED),
    RunResult(reason=Reason.START_FAILED),
    RunResult(reason=Reason.INTAKE_UNAVAILABLE),
]


class OneExecution(RuleBasedStateMachine):
    """The API server, the intake and the kubelet of one execution, driven at random."""

    idempotent = False

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.history = [
            an_execution(idempotent=self.idempotent, queueTimeoutSeconds=3600, created=NOW)
        ]
        # By pod uid. What the API server has, and what it no longer has but a watch told of.
        self.pods: dict[str, PodState] = {}
        self.ran_user_code: list[str] = []
        self.made = 0
        self.was_completed = False
        self.config = OperatorConfig(retry_backoff_seconds=1, pod_retention_seconds=5)

    @property
    def execution(self) -> Execution:
        return self.history[-1]

    @rule()
    def operator_catches_up(self) -> None:
        """All that happened meanwhile, and the next pause is over."""
        moment = self.act(self.execution, *self.pods.values())
        self.now = max(moment or self.now, self.now) + timedelta(seconds=1)
        self.act(self.execution, *self.pods.values())

    @rule(behind=st.integers(0, 3), sees_pods=st.booleans(), crashes=st.booleans())
    def operator_looks(self, behind: int, sees_pods: bool, crashes: bool) -> None:
        seen = self.history[max(len(self.history) - 1 - behind, 0)]
        recorded = {a.pod_uid for a in self.execution.status.attempts if a.finished_at}
        pods = [pod for pod in self.pods.values() if sees_pods or pod.uid in recorded]
        self.act(seen, *pods, crashes=crashes)

    def act(self, seen: Execution, *pods: PodState, crashes: bool = False) -> datetime | None:
        view = a_view(seen, *pods, now=self.now, config=self.config)
        decision = decide(view)
        if decision.rests_on_absence and self.pods.get(seen.status.attempts[-1].pod_uid or ""):
            return None
        if decision.status is not None and not self.write(seen, decision.status):
            return None
        if crashes:
            return None
        for pod in decision.delete:
            self.delete(pod)
        for pod in decision.end_at_once:
            assert pod.uid not in self.saving(), "a run was not left the time to save"
            self.delete(pod, grace_seconds=SHORTEST_GRACE_SECONDS)
        if decision.start is not None:
            known = {pod.uid for pod in pods}
            beside = [p for p in self.living() if seen is self.execution and p.uid in known]
            assert not beside, "a pod was made beside one that lives"
            self.create(decision.start)
        return decision.look_again_at

    def write(self, seen: Execution, status: ExecutionStatus) -> bool:
        """A JSON Patch with a test on the resourceVersion."""
        if seen.resource_version != self.execution.resource_version:
            return False
        assert not seen.status.phase.is_final, "a final phase was written over"
        version = str(int(seen.resource_version) + 1)
        update = {"status": status, "resource_version": version}
        self.history.append(seen.model_copy(update=update))
        return True

    def create(self, number: int) -> None:
        """POST; the name is taken while a pod of the number is there."""
        if any(p.attempt == number and not p.is_gone for p in self.pods.values()):
            return
        self.made += 1
        pod = a_pod(number, uid=f"pod-{number}-{self.made}", created=self.now)
        waiting = ContainerState()
        self.pods[pod.uid] = replace(pod, phase="Pending", kernel=waiting, runner=waiting)

    def delete(self, pod: PodState, *, grace_seconds: int = 30) -> None:
        """DELETE; a second one can only make it sooner."""
        known = self.pods.get(pod.uid)
        if known is None or grace_seconds >= (known.deletion_grace_seconds or math.inf):
            return
        asked_at = known.deletion_asked_at or self.now
        self.pods[pod.uid] = replace(
            known,
            deletion_at=asked_at + timedelta(seconds=grace_seconds),
            deletion_asked_at=asked_at,
            deletion_grace_seconds=grace_seconds,
        )

    def saving(self) -> set[str]:
        """The pods whose runner may still have something to save."""
        return {
            p.uid for p in self.living() if p.uid in self.ran_user_code and not p.runner.is_ended
        }

    def living(self) -> list[PodState]:
        return [pod for pod in self.pods.values() if not pod.is_ended]

    def claimable(self) -> list[PodState]:
        """The pods whose claim the intake would take: of the execution as it is, one at a time."""
        status = self.execution.status
        last = status.attempts[-1] if status.attempts else None
        is_taken = last is not None and last.claimed_at and last.finished_at is None
        if status.phase.is_final or is_taken or self.execution.spec.cancel:
            return []
        given_up = {a.pod_uid for a in status.attempts if a.finished_at}
        return [
            pod
            for pod in self.living()
            if pod.uid not in given_up and pod.deletion_at is None and not pod.runner.is_ended
        ]

    @precondition(lambda self: self.living())
    @rule(data=st.data())
    def pod_starts(self, data: st.DataObject) -> None:
        pod = data.draw(st.sampled_from(self.living()))
        if pod.phase == "Pending" and pod.deletion_at is None:
            self.pods[pod.uid] = replace(pod, phase="Running", kernel=STARTED, runner=STARTED)

    @precondition(lambda self: self.claimable())
    @rule(data=st.data())
    def runner_claims(self, data: st.DataObject) -> None:
        pod = data.draw(st.sampled_from(self.claimable()))
        status = self.execution.status
        entry = Attempt(number=pod.attempt, pod_uid=pod.uid, claimed_at=self.now)
        update = {"phase": Phase.RUNNING, "attempts": [*status.attempts, entry]}
        assert self.write(self.execution, status.model_copy(update=update))
        self.pods[pod.uid] = replace(pod, phase="Running", kernel=STARTED, runner=STARTED)
        self.ran_user_code.append(pod.uid)

    @precondition(lambda self: self.living())
    @rule(data=st.data(), result=st.sampled_from(RESULTS), kernel_ends=st.booleans())
    def runner_ends(self, data: st.DataObject, result: RunResult | None, kernel_ends: bool) -> None:
        pod = data.draw(st.sampled_from(self.living()))
        kernel = ended(at=self.now) if kernel_ends else pod.kernel
        runner = ended(0 if result else 137, at=self.now)
        self.was_completed |= result is not None and result.reason is Reason.NOTEBOOK_COMPLETED
        self.pods[pod.uid] = replace(pod, runner=runner, kernel=kernel, result=result)

    @precondition(lambda self: self.living())
    @rule(data=st.data())
    def intake_takes_result(self, data: st.DataObject) -> None:
        """Once, of the attempt that is open, and only what the result alone decides."""
        pod = data.draw(st.sampled_from(self.living()))
        last = self.execution.status.attempts[-1:]
        if self.execution.status.phase.is_final or pod.deletion_at is not None:
            return
        if last and last[0].pod_uid == pod.uid and last[0].finished_at is None:
            reason = Reason.NOTEBOOK_COMPLETED
            assert reason in DECIDED_BY_RESULT
            self.was_completed = True
            self.write(self.execution, finished(self.execution, reason=reason, now=self.now))

    @precondition(lambda self: self.living())
    @rule(data=st.data(), how=st.sampled_from(["delete", "evict", "end", "vanish"]))
    def pod_is_hit(self, data: st.DataObject, how: str) -> None:
        pod = data.draw(st.sampled_from(self.living()))
        if how == "delete":
            self.delete(pod)
        elif how == "evict":
            hit = replace(pod, kernel=ended(137), runner=ended(137), phase="Failed")
            self.pods[pod.uid] = replace(hit, is_disrupted=True)
        elif how == "end":
            self.pods[pod.uid] = replace(pod, kernel=ended(1), runner=ended(1), phase="Failed")
        else:
            del self.pods[pod.uid]

    @precondition(lambda self: self.pods)
    @rule(data=st.data())
    def pod_goes(self, data: st.DataObject) -> None:
        """A deleted pod is gone when its containers are; the watch tells of its last state."""
        pod = data.draw(st.sampled_from(list(self.pods.values())))
        if pod.deletion_at is not None:
            self.pods[pod.uid] = replace(pod, is_gone=True)

    @precondition(lambda self: not self.execution.spec.cancel)
    @rule(is_sure=st.integers(0, 7))
    def caller_cancels(self, is_sure: int) -> None:
        """Seldom, for then little else can happen."""
        if is_sure < 7:
            return
        spec = self.execution.spec.model_copy(update={"cancel": True})
        version = str(int(self.execution.resource_version) + 1)
        update = {"spec": spec, "resource_version": version}
        self.history.append(self.execution.model_copy(update=update))

    @rule(seconds=st.sampled_from([0.5, 5.0, 60.0, 400.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def user_code_ran_once(self) -> None:
        assert self.idempotent or len(self.ran_user_code) <= 1

    @invariant()
    def never_two_kernels(self) -> None:
        running = [pod for pod in self.living() if pod.uid in self.ran_user_code]
        assert len(running) <= 1

    @invariant()
    def success_is_what_a_runner_reported(self) -> None:
        assert self.was_completed or self.execution.status.phase is not Phase.SUCCEEDED

    @invariant()
    def never_more_attempts_than_allowed(self) -> None:
        counted = [
            a for a in self.execution.status.attempts if a.reason != Reason.INTAKE_UNAVAILABLE
        ]
        assert len(counted) <= 3

    def teardown(self) -> None:
        """Left alone with a working operator, it ends."""
        for _ in range(60):
            if self.execution.status.phase.is_final:
                return
            for pod in [pod for pod in self.pods.values() if pod.deletion_at is not None]:
                self.pods[pod.uid] = replace(pod, is_gone=True)
            for pod in self.living():
                if pod.uid in self.ran_user_code:
                    self.was_completed = True
                    result = RunResult(reason=Reason.NOTEBOOK_COMPLETED)
                    end = ended(at=self.now)
                    self.pods[pod.uid] = replace(pod, result=result, runner=end, kernel=end)
            moment = self.act(self.execution, *self.pods.values())
            assert moment is None or moment > self.now
            self.now = max(moment or self.now, self.now + timedelta(seconds=1))
        raise AssertionError(f"still {self.execution.status}")
