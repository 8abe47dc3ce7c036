"""Runs the cluster until it is told to stop."""

import asyncio
import json
import os
import signal
import socket
from contextlib import suppress
from typing import Final

from aiohttp import web

from podbook_local.apiserver.application import Application, Options
from podbook_local.apiserver.folders import DataFolder
from podbook_local.apiserver.server import URL_KEY_PREFIX
from podbook_local.cluster import kubeconfig
from podbook_local.cluster.settings import Settings

LOOPBACK: Final = "127.0.0.1"
READY_FILE: Final = "cluster.json"
KUBECONFIG_FILE: Final = "kubeconfig"
PODS_FOLDER: Final = "pods"

_STOP_SECONDS: Final = 1.0


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raises StorageUnusable or BrokenManifest."""
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
    application = Application(
        folder,
        Options(
            folder.path / PODS_FOLDER,
            enable_faults=settings.enable_faults,
            bookmark_seconds=settings.bookmark_seconds,
        ),
    )
    application.ensure_namespace(settings.namespace)
    for path in settings.manifests:
        application.apply(path, settings.namespace)
    work = asyncio.create_task(application.run())
    await application.store.durable(application.store.revision)
    listener = _listen(settings, folder)
    runner = web.ServerRunner(application.web_server(), shutdown_timeout=_STOP_SECONDS)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    _announce(settings, folder, listener, application)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    application.hub.end_all()
    await runner.cleanup()
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    await application.close()


def _listen(settings: Settings, folder: DataFolder) -> socket.socket:
    """Return a listening socket, on the port of the last run where it is still free."""
    wanted = settings.port or int(folder.read("port") or 0)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, wanted))
    except OSError:
        if settings.port:
            listener.close()
            raise
        listener.bind((LOOPBACK, 0))
    listener.listen(128)
    folder.write("port", str(listener.getsockname()[1]))
    return listener


def _announce(
    settings: Settings, folder: DataFolder, listener: socket.socket, application: Application
) -> None:
    url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    server = url + URL_KEY_PREFIX + application.url_key
    folder.write(
        KUBECONFIG_FILE, kubeconfig.text(server, application.admin_token, settings.namespace)
    )
    ready = {"url": url, "kubeconfig": str(folder.path / KUBECONFIG_FILE), "pid": os.getpid()}
    folder.write(READY_FILE, json.dumps(ready))
    print(f"ready {url}", flush=True)
