"""A call to a whole Podbook: a real kernel runs the notebook, and ends when the call does."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from rig.ipynb import notebook
from rig.running import RunningPodbook, descendants, running
from rig.until import eventually
from tests.rpc.conftest import OPTIONS
from tests.support.grpc_client import Compiled


@pytest.fixture(scope="module")
def podbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPodbook]:
    folder = tmp_path_factory.mktemp("notebooks")
    with running(folder, tmp_path_factory.mktemp("data"), "--grpc-port", "0") as podbook:
        yield podbook


@pytest.fixture
def stub(podbook: RunningPodbook, compiled: Compiled) -> Iterator[Any]:
    address = f"127.0.0.1:{podbook.state['ports']['grpc']}"
    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        yield compiled.services.WorkerServiceStub(channel)


def kernels(podbook: RunningPodbook) -> list[str]:
    lines = descendants(podbook.process.pid).values()
    return [line for line in lines if "ipykernel_launcher" in line]


def test_a_real_notebook_is_run_and_brought_back(
    podbook: RunningPodbook, stub: Any, compiled: Compiled
) -> None:
    podbook.put("double", notebook("print(n * 2)", parameters="n = 1"))
    request = compiled.messages.NotebookExecutionRequest(
        notebook_id="double", parameters=b'{"n": 21}'
    )

    response = stub.execute_notebook(request, timeout=60)

    assert response.status.code == compiled.messages.OK, response.status.details
    assert b"42" in response.notebook.ipynb
    eventually(lambda: not kernels(podbook), "the kernel has ended")


def test_a_call_that_runs_out_of_time_ends_its_kernel(
    podbook: RunningPodbook, stub: Any, compiled: Compiled
) -> None:
    podbook.put("endless", notebook("import time\ntime.sleep(3600)"))
    request = compiled.messages.NotebookExecutionRequest(notebook_id="endless")
    call = stub.execute_notebook.future(request, timeout=15)
    eventually(lambda: kernels(podbook), "a kernel runs")

    assert call.code() is grpc.StatusCode.DEADLINE_EXCEEDED

    eventually(lambda: not kernels(podbook), "the kernel has ended")
    assert podbook.http.get("/v1/executions?notebook=endless").json()["items"] == []
