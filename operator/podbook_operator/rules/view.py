"""What a decision is made on, and what it can be."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from podbook_crds.resources.execution import Attempt, Execution, ExecutionStatus
from podbook_operator.config import OperatorConfig
from podbook_operator.pod.state import PodState
from podbook_operator.rules.effective_spec import Terms


@dataclass(frozen=True, slots=True)
class View:
    """All that a rule may look at."""

    execution: Execution
    terms: Terms
    # Every attempt's pod that is there, and the last of those that just went.
    pods: tuple[PodState, ...]
    now: datetime
    config: OperatorConfig
    holds_slot: bool = False
    # Whether another execution waits for a slot.
    others_wait: bool = False
    # No new pods before that moment: the last ones could not reach the intake.
    paused_until: datetime | None = None

    @property
    def created(self) -> datetime:
        """When the execution was created."""
        return datetime.fromisoformat(self.execution.created)

    @property
    def newest_pod(self) -> PodState | None:
        """The pod of the highest attempt; of two with one number, the one that may still run."""
        return max(
            self.pods,
            key=lambda pod: (pod.attempt, not pod.is_ended, not pod.is_gone),
            default=None,
        )

    @property
    def open_attempt(self) -> Attempt | None:
        """The attempt that was claimed and has not ended: user code may be running."""
        attempts = self.execution.status.attempts
        if attempts and attempts[-1].claimed_at and attempts[-1].finished_at is None:
            return attempts[-1]
        return None

    @property
    def was_claimed(self) -> bool:
        """Whether user code may ever have run."""
        return self.execution.status.was_claimed

    @property
    def live_pods(self) -> Iterator[PodState]:
        """The pods of which something may still run."""
        return (pod for pod in self.pods if not pod.is_ended)

    def is_recorded(self, pod: PodState) -> bool:
        """Whether the end of that pod's attempt stands in the status."""
        attempts = self.execution.status.attempts
        return any(a.pod_uid == pod.uid and a.finished_at is not None for a in attempts)

    def is_lost_with_its_node(self, pod: PodState) -> bool:
        """Whether the pod should be gone by now: nobody is there to end it."""
        if pod.deletion_at is None or pod.is_ended:
            return False
        patience = timedelta(seconds=self.config.node_lost_timeout_seconds)
        return self.now >= pod.deletion_at + patience


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done, in this order: the status, the deletions, the new pod."""

    # None leaves the status as it is.
    status: ExecutionStatus | None = None
    delete: tuple[PodState, ...] = ()
    # Deleted too, with the shortest grace: nothing of them is left to be saved.
    end_at_once: tuple[PodState, ...] = ()
    # The number of the attempt to make a pod for.
    start: int | None = None
    wants_slot: bool = False
    # True where it rests on a pod's absence: a cache may lack what is there.
    rests_on_absence: bool = False
    look_again_at: datetime | None = None

    def no_later_than(self, moment: datetime | None) -> "Decision":
        """Return the same, with another look at that moment at the latest."""
        moments = [m for m in (self.look_again_at, moment) if m is not None]
        return replace(self, look_again_at=min(moments, default=None))

    def beside(self, other: "Decision | None") -> "Decision":
        """Return the same with the deletions of another one, which decides nothing else."""
        if other is None:
            return self
        both = replace(
            self,
            delete=(*self.delete, *other.delete),
            end_at_once=(*self.end_at_once, *other.end_at_once),
        )
        return both.no_later_than(other.look_again_at)
