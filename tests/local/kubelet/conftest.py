"""A cluster without a kubelet, and kubelets for it."""

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from podbook_cluster.kubelet.container import processes
from podbook_cluster.kubelet.container.containers import Container, Containers
from podbook_cluster.kubelet.keeper.messages import Start
from podbook_cluster.kubelet.run import run_kubelet
from podbook_cluster.kubelet.settings import KubeletSettings
from rig import embedded
from rig.embedded import EmbeddedCluster
from tests.support.containers import GRACE_SECONDS, Starter
from tests.support.pods import Pods


@pytest.fixture(scope="session")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    """One API server for all tests: every kubelet has a node name of its own."""
    with embedded.running(
        tmp_path_factory.mktemp("kubelet") / "cluster", ["--no-kubelet"]
    ) as cluster:
        yield cluster


@pytest.fixture
def cluster(shared_cluster: EmbeddedCluster) -> Iterator[EmbeddedCluster]:
    yield shared_cluster
    shared_cluster.clear_faults()


@pytest.fixture
def pods(cluster: EmbeddedCluster) -> Pods:
    return Pods(cluster)


@pytest.fixture
def settings(cluster: EmbeddedCluster, tmp_path: Path) -> KubeletSettings:
    return KubeletSettings(
        server=cluster.url,
        token=cluster.token,
        data_dir=tmp_path / "node",
        node_name=f"node-{uuid4()}",
        orphan_grace_seconds=2.0,
    )


@asynccontextmanager
async def running(settings: KubeletSettings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    kubelet = asyncio.create_task(run_kubelet(settings, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(kubelet, 20)


Run = Callable[..., Awaitable[None]]


@pytest.fixture
async def run(settings: KubeletSettings) -> AsyncIterator[Run]:
    """Run a kubelet in this process; settings can be changed by keyword."""
    async with AsyncExitStack() as stack:

        async def _run(**changes: object) -> None:
            await stack.enter_async_context(running(replace(settings, **changes)))  # type: ignore[arg-type]

        yield _run


@pytest.fixture
def run_apart(settings: KubeletSettings) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Run a kubelet as a process of its own, which can be killed."""
    begun: list[subprocess.Popen[bytes]] = []

    def _run(**environment: str) -> "subprocess.Popen[bytes]":
        told = {
            "SERVER": settings.server,
            "TOKEN": settings.token,
            "DATA_DIR": str(settings.data_dir),
            "NODE_NAME": settings.node_name,
            **environment,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "podbook_cluster.kubelet"],
            env={**os.environ, **{f"PODBOOK_KUBELET_{name}": said for name, said in told.items()}},
        )
        begun.append(process)
        return process

    yield _run
    for process in begun:
        process.terminate()
        process.wait(120)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "kubelet.lock"


@pytest.fixture
def held_lock(lock: Path) -> "list[int]":
    """The lock of a living kubelet; closing it is that kubelet's end."""
    fd = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(fd, fcntl.LOCK_EX)
    return [fd]


@pytest.fixture
async def containers(tmp_path: Path, lock: Path, held_lock: list[int]) -> AsyncIterator[Containers]:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    made = Containers(
        tmp_path, lock=lock, orphan_grace_seconds=GRACE_SECONDS, environment=dict(os.environ)
    )
    await made.open()
    signal.signal(signal.SIGHUP, before)
    yield made
    await made.close()
    for fd in held_lock:
        os.close(fd)


@pytest.fixture
def start(tmp_path: Path, containers: Containers) -> Starter:
    async def _start(
        *argv: str, name: str = "c", uid: str | None = None, **options: Any
    ) -> Container:
        ident = f"{uid or uuid4()}/{name}"
        request = Start(
            id=ident,
            name=name,
            folder=str(tmp_path),
            argv=list(argv),
            env={"PATH": os.environ["PATH"], processes.MARK: ident, **options.pop("env", {})},
            cwd=str(tmp_path),
            log=str(tmp_path / f"{name}.log"),
            log_limit=options.pop("log_limit", 1_000_000),
            **options,
        )
        return await containers.start(request)

    return _start
