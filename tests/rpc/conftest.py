"""An API that serves gRPC too, on a cluster of its own, and a client compiled from the proto."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from rig import api as apis
from rig import embedded
from rig.api import FakeRun, RunningApi, free_ports
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import grpc_client
from tests.support.grpc_client import Compiled

ROOT = Path(__file__).parents[2]
OPTIONS = [
    ("grpc.max_send_message_length", 100 * 1024 * 1024),
    ("grpc.max_receive_message_length", 100 * 1024 * 1024),
]


@dataclass
class Worker:
    """A running API as a gRPC client sees it, and the other side of its runs."""

    cluster: EmbeddedCluster
    api: RunningApi
    address: str
    channel: Any
    stub: Any
    messages: Any

    def request(self, notebook: str, parameters: bytes = b"{}", **fields: Any) -> Any:
        return self.messages.NotebookExecutionRequest(
            notebook_id=notebook, parameters=parameters, **fields
        )

    def executions(self, notebook: str) -> list[str]:
        """Return the ids of a notebook's executions."""
        page = self.api.http.get("/v1/executions", params={"notebook": notebook}).json()
        return [item["id"] for item in page["items"]]

    def run_of(self, notebook: str) -> FakeRun:
        """Wait for the one execution of a notebook; return its other side."""
        names = eventually(lambda: self.executions(notebook), f"an execution of {notebook}")
        return FakeRun(self.cluster, self.api, names[0])


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return grpc_client.compiled(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    folder = tmp_path_factory.mktemp("cluster") / "data"
    with embedded.running(folder, embedded.PLAYED) as running:
        yield running


@pytest.fixture(scope="session")
def start(
    cluster: EmbeddedCluster, compiled: Compiled, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Worker]]:
    """Return a function that starts an API with gRPC; settings are environment variables."""
    started: list[Worker] = []
    folder = tmp_path_factory.mktemp("api")

    def started_worker(**settings: str) -> Worker:
        address = f"127.0.0.1:{free_ports(1)[0]}"
        port = address.rpartition(":")[2]
        api = apis.start(cluster, folder, PODBOOK_GRPC_PORT=port, **settings)
        channel = grpc.insecure_channel(address, options=OPTIONS)
        stub = compiled.services.WorkerServiceStub(channel)
        started.append(Worker(cluster, api, address, channel, stub, compiled.messages))
        return started[-1]

    yield started_worker
    for worker in started:
        worker.channel.close()
        worker.api.stop()


@pytest.fixture(scope="session")
def worker(start: Callable[..., Worker], tmp_path_factory: pytest.TempPathFactory) -> Worker:
    # Beyond what any notebook asks for but the one that is there to be refused.
    limits = tmp_path_factory.mktemp("config") / "operator.yaml"
    limits.write_text("limits: {deadlineSeconds: 100000}")
    return start(PODBOOK_OPERATOR_CONFIG=str(limits))
