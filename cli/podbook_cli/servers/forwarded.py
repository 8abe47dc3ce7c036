"""Makes a way to the Podbook of a cluster that kubectl reaches, for as long as a command takes."""

import asyncio
import os
import queue
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from podbook_cli.exits import BadInput, NoServer
from podbook_cli.servers.contexts import NAMESPACE, Context

if TYPE_CHECKING:
    from podbook_kube.connection import Connection

# As the chart labels the API's pods, and where it listens in them.
_SELECTOR: Final = "app.kubernetes.io/name=podbook,app.kubernetes.io/component=api"
_PORT: Final = 5050
_START_SECONDS: Final = 60.0


def forwarded(context: Context, environment: Mapping[str, str]) -> tuple[str, str | None]:
    """Return a URL on this machine that leads there, and the token of the kubeconfig's user.

    It lasts as long as this process. Raises BadInput where the kubeconfig cannot be used, NoServer
    where no pod of Podbook's API is ready there.
    """
    try:
        import aiohttp  # noqa: F401  (only looked for)
    except ImportError as error:
        raise BadInput(
            "a server in a cluster takes what podbook[kubeconfig] brings:"
            " pip install 'podbook[kubeconfig]'"
        ) from error
    file = kubeconfig(environment)
    came: queue.Queue[tuple[str, str | None] | Exception] = queue.Queue()
    # A daemon: nothing is lost with it, and the command ends when it has ended.
    threading.Thread(target=lambda: asyncio.run(_serve(file, context, came)), daemon=True).start()
    try:
        answer = came.get(timeout=_START_SECONDS)
    except queue.Empty:
        raise NoServer(f"{context.place}: the cluster does not answer") from None
    if isinstance(answer, Exception):
        raise NoServer(f"{context.place}: {answer}") from answer
    return answer


async def _serve(
    file: Path, context: Context, came: "queue.Queue[tuple[str, str | None] | Exception]"
) -> None:
    from podbook_crds.errors import ClusterUnavailable
    from podbook_kube.connection import connect
    from podbook_kube.port_forward import Destination, PortForward

    async def way() -> "Connection":
        return await connect(file, context=context.kube_context)

    destination = Destination(context.namespace or NAMESPACE, _SELECTOR, _PORT)
    try:
        authorization = await (await way()).authorization()
        async with PortForward(way, destination).listening() as port:
            bearer = (authorization or "").removeprefix("Bearer ") or None
            came.put((f"http://127.0.0.1:{port}", bearer))
            await asyncio.Event().wait()
    except ClusterUnavailable as error:
        came.put(error)


def kubeconfig(environment: Mapping[str, str]) -> Path:
    """Return the file that kubectl reads first; raises BadInput where there is none."""
    named = [Path(path) for path in environment.get("KUBECONFIG", "").split(os.pathsep) if path]
    for path in named or [Path.home() / ".kube" / "config"]:
        if path.is_file():
            return path
    raise BadInput("no kubeconfig was found: set KUBECONFIG, or write ~/.kube/config")
