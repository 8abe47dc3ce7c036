"""The operator's way in: read the environment, win the Lease where there is one, operate."""

import asyncio
import logging
import os
import socket
import sys
from uuid import uuid4

from podbook_operator.health import Health, serve
from podbook_operator.lease import Leadership
from podbook_operator.metrics import Metrics
from podbook_operator.operation import Operation
from podbook_operator.settings import Settings
from podbook_operator.transport import Transport, connect

log = logging.getLogger(__name__)


def main() -> None:
    """Run the operator until it is told to stop; exit 1 where it cannot go on."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("kopf").setLevel(logging.WARNING)
    asyncio.run(_main(Settings()))


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
    metrics, health = Metrics(), Health()
    if settings.operator_port:
        serve(
            health,
            metrics.exposition,
            host=settings.operator_host,
            port=settings.operator_port,
        )
    api = await connect(settings.kubeconfig)
    if not settings.lease:
        await Operation(
            settings, Transport(api, observe=metrics.call), metrics=metrics, health=health
        ).run()
        return
    leadership = Leadership(
        api,
        name=settings.lease,
        namespace=settings.lease_namespace,
        identity=f"{socket.gethostname()}-{uuid4().hex[:8]}",
    )
    await leadership.win()
    log.info("won the Lease %s/%s", settings.lease_namespace, settings.lease)
    transport = Transport(api, observe=metrics.call, before_write=leadership.check)
    await Operation(settings, transport, metrics=metrics, health=health).run()
    await leadership.give_up()


if __name__ == "__main__":
    main()
