"""A pod that was made before a call: prepares what it can, waits for a job, and runs that one."""

import logging
import random
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from podbook_runner.handing_in.intake import Gone, Intake, Rejected, Unreachable
from podbook_runner.kernel.client import KernelDied
from podbook_runner.kernel.listening import NoKernel, wait_for_kernel
from podbook_runner.run import Refused, Run
from podbook_runner.settings import Settings
from podbook_runner.stops import Stops

_log = logging.getLogger(__name__)

# How long the intake holds a question; a proxy's patience with a silent answer is longer.
_WAIT_SECONDS: Final = (15, 20)
# An intake that is away is asked again: nobody waits yet.
_PATIENCE_SECONDS: Final = 60.0
# For the answer of a claim that is on its way when the pod is told to stop.
_LAST_WORD_SECONDS: Final = 1.0


def serve(settings: Settings, intake: Intake, stops: Stops) -> int:
    """Wait for one job and run it; return the process's status."""
    run = Run(settings, intake, stops, root=Path.cwd())
    # Not left by its own way out, which waits for a question that the intake holds.
    pool = ThreadPoolExecutor(1)
    try:
        _prepare(run, settings, intake, stops)
        job = _job(run, intake, stops, pool, until=time.monotonic() + settings.warm_seconds)
    except (Gone, KernelDied, NoKernel, Refused, Rejected, Unreachable) as error:
        _log.info("nothing to run: %s", error)
        pool.shutdown(wait=False, cancel_futures=True)
        with suppress(KernelDied):
            run.end_unclaimed(away=False)
        return 0 if isinstance(error, Gone) else 1
    run.execute(job)
    return 0


def _prepare(run: Run, settings: Settings, intake: Intake, stops: Stops) -> None:
    def until() -> float:
        return min(started + settings.start_seconds, stops.asked_at)

    started = time.monotonic()
    wait_for_kernel(settings.connection_file, stops)
    try:
        run.prepare(intake.preparation(until=until))
    except Refused as refused:
        intake.prepared(ok=False, message=refused.result.message, until=until)
        raise
    intake.prepared(ok=True, until=until)


def _job(
    run: Run, intake: Intake, stops: Stops, pool: ThreadPoolExecutor, *, until: float
) -> dict[str, Any]:
    """Ask for a job until there is one; raises Gone where nobody called in time."""
    while time.monotonic() < until:
        asked = pool.submit(_asked, intake, stops)
        asked.add_done_callback(lambda _: stops.wake())
        _wait(asked, run, stops)
        if (job := asked.result()) is not None:
            return job
    raise Gone("nobody called")


def _asked(intake: Intake, stops: Stops) -> dict[str, Any] | None:
    patience = time.monotonic() + _PATIENCE_SECONDS
    try:
        return intake.next_claim(
            wait_seconds=random.randint(*_WAIT_SECONDS),
            until=lambda: min(patience, stops.asked_at),
        )
    except Unreachable as error:
        _log.info("the intake is away: %s", error)
        return None


def _wait(asked: Future[dict[str, Any] | None], run: Run, stops: Stops) -> None:
    """Return when the intake has answered. Raises KernelDied, and NoKernel when told to stop."""
    while not asked.done():
        run.idle()
        if stops.reason() is not None:
            with suppress(TimeoutError):
                asked.result(_LAST_WORD_SECONDS)
                return
            raise NoKernel("stopped while nobody called")
