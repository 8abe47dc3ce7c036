"""Runs the cluster until it is told to stop."""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from aiohttp import web

from podbook_cluster import kubeconfig, ports
from podbook_cluster.apiserver.serve.application import Application, Options
from podbook_cluster.apiserver.serve.server import URL_KEY_PREFIX
from podbook_cluster.apiserver.storage.folders import DataFolder
from podbook_cluster.kubelet.files import bin_folder
from podbook_cluster.kubelet.run import run_kubelet
from podbook_cluster.kubelet.settings import ENVIRONMENT_PREFIX, KubeletSettings, from_environment
from podbook_cluster.settings import Settings

READY_FILE: Final = "cluster.json"
KUBECONFIG_FILE: Final = "kubeconfig"
PODS_FOLDER: Final = "pods"

_BIN_FOLDER: Final = "bin"
# How long answers under way may still take when the process stops.
_ANSWER_SECONDS: Final = 1.0
# How long pods may take to end; the kubelet kills what outlives its own, shorter grace.
_KUBELET_SECONDS: Final = 10.0


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        StorageUnusable: the data folder can't be used.
        BrokenManifest: a manifest can't be applied.
        PortTaken: another process listens on the port that was asked for.

    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    folder = DataFolder(settings.data_dir)
    try:
        folder.remove(READY_FILE)
        await _serve(settings, folder, stop)
    finally:
        folder.remove(READY_FILE)
        folder.release()


async def _serve(settings: Settings, folder: DataFolder, stop: asyncio.Event) -> None:
    listener = ports.listen(folder, settings.port)
    url = f"http://{ports.LOOPBACK}:{listener.getsockname()[1]}"
    application = _application(settings, folder)
    work = asyncio.create_task(application.run())
    committed = asyncio.create_task(application.store.durable(application.store.revision))
    await asyncio.wait((work, committed), return_when=asyncio.FIRST_COMPLETED)
    runner = web.ServerRunner(application.web_server(), shutdown_timeout=_ANSWER_SECONDS)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    kubelet = asyncio.create_task(_kubelet(settings, folder, url, application.admin_token, stop))
    _announce(settings, folder, url, application)
    await asyncio.wait((work, kubelet), return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    # Pods end first: what they report last is still taken, and written.
    await asyncio.wait((kubelet,), timeout=_KUBELET_SECONDS)
    kubelet.cancel()
    application.hub.end_all()
    await runner.cleanup()
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    await application.close()
    if kubelet.done() and not kubelet.cancelled():
        kubelet.result()


def _application(settings: Settings, folder: DataFolder) -> Application:
    token = settings.token_file.read_text().strip() if settings.token_file else ""
    application = Application(
        folder,
        Options(
            folder.path / PODS_FOLDER,
            enable_faults=settings.enable_faults,
            bookmark_seconds=settings.bookmark_seconds,
            admin_token=token,
            page_limit=settings.page_limit,
        ),
    )
    application.ensure_namespace(settings.namespace)
    for path in settings.manifests:
        application.apply(path, settings.namespace)
    return application


async def _kubelet(
    settings: Settings, folder: DataFolder, url: str, token: str, stop: asyncio.Event
) -> None:
    """Run pods, or just wait, until told to stop."""
    if not settings.kubelet:
        await stop.wait()
        return
    await run_kubelet(_kubelet_settings(settings, folder, url, token), stop)


def _kubelet_settings(
    settings: Settings, folder: DataFolder, url: str, token: str
) -> KubeletSettings:
    commands = folder.path / _BIN_FOLDER
    bin_folder.write(commands, python=settings.kernel_python or Path(sys.executable))
    told = {"SERVER": url, "TOKEN": token, "DATA_DIR": str(folder.path), "BIN_DIR": str(commands)}
    return from_environment(
        {**os.environ, **{ENVIRONMENT_PREFIX + name: value for name, value in told.items()}}
    )


def _announce(settings: Settings, folder: DataFolder, url: str, application: Application) -> None:
    server = url + URL_KEY_PREFIX + application.url_key
    folder.write(
        KUBECONFIG_FILE, kubeconfig.text(server, application.admin_token, settings.namespace)
    )
    ready = {"url": url, "kubeconfig": str(folder.path / KUBECONFIG_FILE), "pid": os.getpid()}
    folder.write(READY_FILE, json.dumps(ready))
    sys.stdout.write(f"ready {url}\n")
    sys.stdout.flush()
