"""Whatever happens in whatever order: user code runs at most once, and every execution ends."""

from hypothesis import settings
from hypothesis.stateful import invariant

from podbook_crds.ends.reasons import Reason
from podbook_crds.names import WARM_GIVEN
from podbook_operator.pod.state import PodState
from podbook_operator.rules.attempts import was_idle
from tests.support.one_execution import OneExecution
from tests.support.views import a_pod


class OneIdempotentExecution(OneExecution):
    """The same, where another attempt may run it again."""

    idempotent = True


class OneWarmExecution(OneExecution):
    """The same, where every pod but the one after an idle one's end was made before the call.

    Their names say nothing: of two operators that each gave one, neither learns of it by a 409.
    """

    def create(self, number: int) -> None:
        attempts = self.execution.status.attempts
        if attempts and was_idle(attempts[-1]):
            super().create(number)
            return
        self.made += 1
        uid = f"pod-{number}-{self.made}"
        self.pods[uid] = a_pod(number, uid=uid, created=self.now, warm=WARM_GIVEN)

    def claimable(self) -> list[PodState]:
        """What is not the pod of its number, or of a number that was overtaken, is refused."""
        attempts = self.execution.status.attempts
        return [
            pod
            for pod in super().claimable()
            if all(a.number < pod.attempt or a.pod_uid == pod.uid for a in attempts)
        ]

    @invariant()
    def never_more_attempts_than_allowed(self) -> None:
        """What ended idle says nothing about the next."""
        counted = [
            a
            for a in self.execution.status.attempts
            if a.reason != Reason.INTAKE_UNAVAILABLE and not was_idle(a)
        ]
        assert len(counted) <= 3


TestOnce = OneExecution.TestCase
TestOnce.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestWarm = OneWarmExecution.TestCase
TestWarm.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestIdempotent = OneIdempotentExecution.TestCase
TestIdempotent.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
