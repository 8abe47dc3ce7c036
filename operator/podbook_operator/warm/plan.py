"""How many pods of a notebook wait, and which of them go: values in, value out."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from podbook_crds.backoff import pause
from podbook_crds.resources.serving.warm import Warm
from podbook_operator.pod.state import PodState

# Pods are kept for as many calls as came within that time.
RECENT: Final = timedelta(seconds=60)
# Making pods and running cells want the same processors: a burst is answered first.
_REFILL_AFTER: Final = timedelta(seconds=0.5)
_REFILL_WITHIN: Final = timedelta(seconds=2)
# Of its age, by which the pods of a pool differ, so that they are not all made anew at once.
_JITTER: Final = 0.2
_FIRST_SECONDS: Final = 60.0
_LONGEST_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Pool:
    """What is known of one notebook's waiting pods."""

    warm: Warm
    # Of the manifest that a run would have now; pods of another are of no use.
    key: str
    pods: tuple[PodState, ...]
    now: datetime
    start_timeout_seconds: int
    # When calls began lately.
    starts: tuple[datetime, ...] = ()
    # Pods in a row that ended before they could wait, and when the last of them did.
    failures: int = 0
    failed_at: datetime | None = None
    # Since when there are too few.
    short_since: datetime | None = None
    # How many more there may be in all.
    room: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done now, and when to look again if nothing else happens."""

    make: int = 0
    delete: tuple[PodState, ...] = ()
    look_again_at: datetime | None = None
    is_short: bool = False


def plan(pool: Pool) -> Plan:
    """Return what makes of the pods those that are wanted."""
    useless = [pod for pod in pool.pods if _is_useless(pod, pool)]
    kept = sorted(_useful(pool), key=lambda pod: (not pod.is_prepared, pod.created))
    wanted = wanted_of(pool)
    surplus, kept = kept[wanted:], kept[:wanted]
    gone = [pod for pod in (*useless, *surplus) if pod.deletion_at is None]
    moments = [_out_at(pod, pool) for pod in kept]
    moments += [start + RECENT for start in pool.starts if wanted > pool.warm.min]
    missing = wanted - len(kept)
    may_at = _may_make_at(pool)
    if missing and pool.now < may_at:
        return Plan(0, tuple(gone), min([may_at, *moments]), is_short=True)
    made = max(0, min(missing, pool.room))
    return Plan(made, tuple(gone), min(moments, default=None), is_short=missing > made)


def wanted_of(pool: Pool) -> int:
    """Return how many pods should wait: one for each call of the last minute, within bounds."""
    recent = sum(pool.now - start < RECENT for start in pool.starts)
    return min(max(recent, pool.warm.min), pool.warm.max)


def missing_of(pool: Pool) -> int:
    """Return how many more pods are wanted than wait or are on their way there."""
    return max(0, wanted_of(pool) - len(_useful(pool)))


def room_for(each: int, *, total: int, idle: int, memory: int | None, used: int) -> int:
    """Return how many more pods may wait that ask for so many bytes each; used is asked for now."""
    room = max(0, total - idle)
    if memory is None or not each:
        return room
    return min(room, max(0, (memory - used) // each))


def is_fit(pod: PodState) -> bool:
    """Tell whether the pod may be given to a call now."""
    return bool(pod.is_prepared) and not pod.is_ended and pod.deletion_at is None


def has_failed(pod: PodState, pool: Pool) -> bool:
    """Tell whether a pod will not come to wait, though nobody has let go of it.

    One that has not within the time in which a run has to start is one of them.
    """
    if pod.is_prepared or pod.deletion_at is not None:
        return False
    return pod.is_prepared is False or pod.is_ended or pool.now >= _out_at(pod, pool)


def _useful(pool: Pool) -> list[PodState]:
    return [pod for pod in pool.pods if not _is_useless(pod, pool)]


def _is_useless(pod: PodState, pool: Pool) -> bool:
    if pod.is_ended or pod.deletion_at is not None or pod.pool != pool.key:
        return True
    return pod.is_prepared is False or pod.kernel.is_ended or pool.now >= _out_at(pod, pool)


def _out_at(pod: PodState, pool: Pool) -> datetime:
    """Return when the pod is too old, or has taken too long to come."""
    if not pod.is_prepared:
        since = pod.scheduled_at or pod.created
        return since + timedelta(seconds=pool.start_timeout_seconds)
    return pod.created + timedelta(seconds=pool.warm.max_age_seconds * (1 - _share(pod.uid)))


def _share(uid: str) -> float:
    """Return a share of the age that is the pod's own, below the jitter."""
    return int(hashlib.sha256(uid.encode()).hexdigest()[:4], 16) / 0xFFFF * _JITTER


def _may_make_at(pool: Pool) -> datetime:
    moments = [pool.now]
    if pool.failures and pool.failed_at is not None:
        seconds = pause(pool.failures, first=_FIRST_SECONDS, longest=_LONGEST_SECONDS)
        moments.append(pool.failed_at + timedelta(seconds=seconds))
    if pool.starts:
        since = pool.short_since or pool.now
        moments.append(min(pool.starts[-1] + _REFILL_AFTER, since + _REFILL_WITHIN))
    return max(moments)
