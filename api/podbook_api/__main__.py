"""Serves the API and the intake: python -m podbook_api, configured by the environment."""

import asyncio
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, Final

import uvloop
from starlette.types import ASGIApp

from podbook_api import app, wiring
from podbook_api.artifacts.store import Store
from podbook_api.events.journals import Journals
from podbook_api.http.observed_requests import Observe
from podbook_api.http.serving.certificates import CannotCertify, Certificates
from podbook_api.http.serving.servers import CannotListen, Server, server
from podbook_api.intake.app import Intake
from podbook_api.intake.app import build as build_intake
from podbook_api.intake.blobs import Blobs
from podbook_api.intake.claim import Claims
from podbook_api.intake.events import Tellers
from podbook_api.intake.identity import Identities
from podbook_api.intake.jobs import Jobs
from podbook_api.intake.results import Results
from podbook_api.intake.status import StatusWriter
from podbook_api.intake.uploads import Uploads
from podbook_api.intake.view import View
from podbook_api.intake.warm import Waiting
from podbook_api.settings import Settings
from podbook_api.state.cluster import Cluster
from podbook_crds.formats import log_lines

if TYPE_CHECKING:
    from podbook_api.metrics import Metrics


_log = logging.getLogger(__name__)

# As the operator's and the runner's: lines of three parts are read side by side.
LOG_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = Settings()
    log_lines.begin(settings.log_format, plain=LOG_FORMAT)
    try:
        uvloop.run(serve(settings))
    except (CannotCertify, CannotListen) as error:
        # The last line: whoever started it shows that as the cause.
        _log.critical("%s", error)
        sys.exit(1)


async def serve(settings: Settings) -> None:
    """Serve both ports until a signal comes; open waits are answered at once then."""
    cluster = Cluster(settings.kubeconfig, settings.namespace)
    parts = wiring.Services.build(settings, cluster, Store.open(settings.store))
    metrics = _metrics(parts)
    certificates = Certificates.of(settings)
    servers = _servers(parts, metrics, certificates)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with parts.running() as background:
        serving = {asyncio.create_task(each.serve()) for each in servers}
        if settings.grpc_port is not None:
            serving.add(asyncio.create_task(_rpc(parts, metrics, stop)))
        background |= {asyncio.create_task(each.keep_fresh()) for each in certificates.each}
        told = asyncio.create_task(stop.wait())
        ended, _ = await asyncio.wait({*serving, *background, told}, return_when="FIRST_COMPLETED")
        parts.executions.stop()
        parts.changes.stop()
        parts.warm_pods.stop()
        stop.set()
        for each in servers:
            each.should_exit = True
        await asyncio.gather(*serving, return_exceptions=True)
    await parts.close()
    for task in ended:
        # What runs in the background never ends by itself: better no API than one that is blind.
        task.result()


def intake_of(parts: wiring.Services) -> Intake:
    """Return the intake's parts."""
    view = View(parts.cluster, parts.executions, parts.index)
    writer = StatusWriter(parts.cluster, parts.cache, view)
    uploads = Uploads(parts.store, view, limit=parts.settings.artifact_limit)
    jobs = Jobs(parts.contents, parts.catalog)
    now = wiring.utc_now
    return Intake(
        identities=Identities(parts.cluster),
        claims=Claims(view, jobs, writer, records=parts.records, now=now),
        waiting=Waiting(parts.cluster, view, jobs, parts.warm_pods, now=now),
        blobs=Blobs(parts.store, view, jobs),
        uploads=uploads,
        results=Results(view, uploads, writer, parts.pod_logs, now=now),
        progress=parts.progress,
        tellers=Tellers(Journals(parts.store, parts.tails), view, parts.progress),
        reader=parts.reader,
    )


def _servers(
    parts: wiring.Services, metrics: "Metrics | None", certificates: Certificates
) -> list[Server]:
    """Return the HTTP servers: for users, for runners, and for Prometheus where it has a port."""
    settings, others = parts.settings, []
    observe: Observe | None = None
    intake: ASGIApp = build_intake(intake_of(parts))
    if metrics is not None:
        observe, intake = metrics.observe, metrics.of_intake(intake)
        others = [server(metrics.application(), settings.metrics_host, settings.metrics_port)]
    users = app.guarded(parts, observe)
    if (own := certificates.users) is not None:
        others += [server(users, settings.tls_host, settings.tls_port, certificate=own)]
    runners = server(
        intake, settings.intake_host, settings.intake_port, certificate=certificates.intake
    )
    return [server(users, settings.api_host, settings.api_port), runners, *others]


def _metrics(parts: wiring.Services) -> "Metrics | None":
    if not parts.settings.metrics_port:
        return None
    # Imported here: a laptop, where nobody asks, starts sooner without it.
    from podbook_api.metrics import Metrics

    return Metrics(parts.index, (parts.followed, parts.cache))


async def _rpc(parts: wiring.Services, metrics: "Metrics | None", stop: asyncio.Event) -> None:
    # Its fork handlers run in what this process starts, before exec, and crash there now and then.
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
    # gRPC is an extra of its own: an API without it need not have it installed.
    from podbook_api.surfaces.grpc.server import serving

    def observe(code: str, seconds: float) -> None:
        if metrics is not None:
            metrics.observe_call(code, seconds)

    async with serving(parts, observe):
        await stop.wait()


if __name__ == "__main__":
    main()
