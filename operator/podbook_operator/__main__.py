"""The operator's way in: read the environment, win the Lease where there is one, operate."""

import asyncio
import logging
import os
import socket
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import uvloop

from podbook_crds.formats import log_lines
from podbook_kube.client import Client
from podbook_kube.connection import connect
from podbook_operator.operation import Operation
from podbook_operator.process.health import Health, serve
from podbook_operator.process.metrics import Metrics
from podbook_operator.process.stopping import first_of, listen
from podbook_operator.settings import Settings

if TYPE_CHECKING:
    from podbook_operator.process.lease import Leadership

log = logging.getLogger(__name__)


def main() -> None:
    """Run the operator until it is told to stop; exit 1 where it cannot go on."""
    settings = Settings()
    log_lines.begin(settings.log_format, plain="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("kopf").setLevel(logging.WARNING)
    uvloop.run(_main(settings))


async def _main(settings: Settings) -> None:
    """Leave at once when done: it may be killed at any instruction, so nothing has to be ended."""
    code = 0
    try:
        await _operate(settings)
    except Exception:
        log.critical("cannot go on", exc_info=True)
        code = 1
    logging.shutdown()
    os._exit(code)


async def _operate(settings: Settings) -> None:
    told = asyncio.Event()
    listen(told)
    metrics, health = Metrics(), Health()
    if settings.operator_port:
        serve(
            health,
            metrics.exposition,
            host=settings.operator_host,
            port=settings.operator_port,
        )
    leadership = await _leadership(settings)
    # Standing by is being ready: a rollout that waited for the Lease would wait for ever.
    health.is_ready = leadership is not None
    client = Client(
        partial(connect, settings.kubeconfig),
        agent="podbook-operator",
        # A burst must not become a storm of parallel requests.
        connections=32,
        seconds=15,
        observe=metrics.call,
        before_write=lambda: None if leadership is None else leadership.check(),
    )

    async def lead() -> None:
        if leadership is not None:
            log.info("waits for the Lease %s/%s", settings.lease_namespace, settings.lease)
            await leadership.win()
            log.info("won the Lease %s/%s", settings.lease_namespace, settings.lease)
        await Operation(settings, client, metrics=metrics, health=health).run(told)

    # All from here on: standing by, and waiting for an API server, may take for ever.
    await first_of(health.live(), told.wait(), lead())
    if leadership is not None:
        await leadership.give_up()


async def _leadership(settings: Settings) -> "Leadership | None":
    """Return how to win the Lease, where there is one to win."""
    if not settings.lease:
        return None
    # Imported here: it needs the official client, which costs half a second that a laptop saves.
    from podbook_operator.process.lease import Leadership, client

    return Leadership(
        await client(settings.kubeconfig),
        name=settings.lease,
        namespace=settings.lease_namespace,
        identity=f"{socket.gethostname()}-{uuid4().hex[:8]}",
    )


if __name__ == "__main__":
    main()
