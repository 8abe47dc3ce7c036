"""A cluster without a kubelet, and kubelets for it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from podbook_local.kubelet.run import run_kubelet
from podbook_local.kubelet.settings import KubeletSettings
from tests.support import embedded
from tests.support.embedded import EmbeddedCluster
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
            [sys.executable, "-m", "podbook_local.kubelet"],
            env={**os.environ, **{f"PODBOOK_KUBELET_{name}": said for name, said in told.items()}},
        )
        begun.append(process)
        return process

    yield _run
    for process in begun:
        process.terminate()
        process.wait(20)
