"""podbook-runner: claims the job as soon as the kernel is there, and imports meanwhile."""

import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NoReturn

from podbook_runner.kernel.listening import NoKernel, wait_for_kernel
from podbook_runner.reporting.intake import Gone, Intake, Rejected, Unreachable
from podbook_runner.settings import Settings
from podbook_runner.stops import Stops

# Of the time that a start may take, what an intake that does not answer is asked for the job.
CLAIM_SHARE: Final = 0.5


def main() -> NoReturn:
    """Run one notebook and end the process, with status 0 unless it could not claim.

    At once: to take apart all that was imported costs a fifth of the processor's time of a run.
    """
    status = _run()
    logging.shutdown()
    os._exit(status)


def _run() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = Settings.of(os.environ)
    stops = Stops()
    stops.listen()
    intake = Intake(settings.intake_url, settings.token_file, settings.intake_ca)
    if settings.warm_level is not None:
        from podbook_runner import warm

        return warm.serve(settings, intake, stops)
    with ThreadPoolExecutor(1) as pool:
        claim = pool.submit(_claim, settings, intake, stops)
        # Slow to import, and not needed before the claim is on its way.
        from podbook_runner.run import Run

        run = Run(settings, intake, stops, root=Path.cwd())
        try:
            job = claim.result()
        except (Gone, NoKernel, Rejected, Unreachable) as error:
            logging.getLogger(__name__).info("nothing to run: %s", error)
            run.end_unclaimed(away=isinstance(error, Unreachable) and stops.reason() is None)
            return 0 if isinstance(error, Gone) else 1
    run.execute(job)
    return 0


def _claim(settings: Settings, intake: Intake, stops: Stops) -> dict[str, Any]:
    """Return the job. An attempt whose kernel never came ran nothing, and must not look so."""
    wait_for_kernel(settings.connection_file, stops)
    # Given up before the operator takes the pod for one that is slow: it ran nothing, and says why.
    patience = time.monotonic() + settings.start_seconds * CLAIM_SHARE
    return intake.claim(until=lambda: min(patience, stops.asked_at))


if __name__ == "__main__":
    main()
