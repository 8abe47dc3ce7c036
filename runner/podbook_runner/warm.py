"""A pod that was made before a call: prepares what it can, waits for a job, and runs that one."""

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from podbook_runner.kernel.client import KernelDied
from podbook_runner.kernel.listening import NoKernel, wait_for_kernel
from podbook_runner.refused import Refused
from podbook_runner.reporting.intake import Gone, Intake, Rejected, Unreachable
from podbook_runner.run import Run
from podbook_runner.settings import Settings
from podbook_runner.stops import Stops

_log = logging.getLogger(__name__)

# How long the intake holds a question; a proxy's patience with a silent answer is longer.
_WAIT_SECONDS: Final = (15, 20)
# An intake that is away is asked again: nobody waits yet.
_PATIENCE_SECONDS: Final = 60.0


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
    """Return the job as soon as somebody called; raises Gone where nobody did in time."""
    while time.monotonic() < until:
        asked = pool.submit(_is_called, intake, stops)
        asked.add_done_callback(lambda _: stops.wake())
        while not asked.done():
            run.idle()
            if stops.reason() is not None:
                raise NoKernel("stopped while nobody called")
        if asked.result():
            run.look()
            return intake.claim(until=lambda: min(until + _PATIENCE_SECONDS, stops.asked_at))
    raise Gone("nobody called")


def _is_called(intake: Intake, stops: Stops) -> bool:
    patience = time.monotonic() + _PATIENCE_SECONDS
    try:
        return intake.is_called(
            wait_seconds=random.randint(*_WAIT_SECONDS),
            until=lambda: min(patience, stops.asked_at),
        )
    except Unreachable as error:
        _log.info("the intake is away: %s", error)
        return False
