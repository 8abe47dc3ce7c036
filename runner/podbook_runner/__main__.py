"""podbook-runner: claims the job as soon as the kernel is there, and imports meanwhile."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

from podbook_runner.intake import Gone, Intake, Rejected, Unreachable
from podbook_runner.presence import NoKernel, wait_for_kernel
from podbook_runner.settings import Settings
from podbook_runner.stops import Stops


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
    intake = Intake(settings.intake_url, settings.token_file)
    with ThreadPoolExecutor(1) as pool:
        claim = pool.submit(_claim, settings, intake, stops)
        # Slow to import, and not needed before the claim is on its way.
        from podbook_runner.run import Run

        run = Run(settings, intake, stops, root=Path.cwd())
        try:
            job = claim.result()
        except (Gone, NoKernel, Rejected, Unreachable) as error:
            logging.getLogger(__name__).info("nothing to run: %s", error)
            run.end_kernel()
            return 0 if isinstance(error, Gone) else 1
    run.execute(job)
    return 0


def _claim(settings: Settings, intake: Intake, stops: Stops) -> dict[str, Any]:
    """Return the job. An attempt whose kernel never came ran nothing, and must not look so."""
    wait_for_kernel(settings.connection_file, stops)
    # How long a pod may wait for its job is the operator's to judge: it ends the pod.
    return intake.claim(until=lambda: stops.asked_at)


if __name__ == "__main__":
    main()
