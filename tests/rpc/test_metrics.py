"""Calls over gRPC are counted, by how they ended."""

from collections.abc import Callable
from typing import Any

import grpc
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from rig.api import free_ports, put_notebook
from rig.until import eventually
from tests.rpc.conftest import Worker

SECONDS = 60
COUNT = "podbook_api_grpc_calls_total"


class Measured:
    """A worker with metrics."""

    def __init__(self, worker: Worker, port: int) -> None:
        self.worker = worker
        self._url = f"http://127.0.0.1:{port}/metrics"

    def value(self, name: str, **labels: str) -> float:
        """Return a sample's value, 0 where it is not there."""
        text = httpx.get(self._url, trust_env=False, timeout=SECONDS).text
        samples = [s for f in text_string_to_metric_families(text) for s in f.samples]
        return sum(s.value for s in samples if s.name == name and s.labels == labels)

    def call(self, notebook: str, parameters: bytes = b"{}", **options: Any) -> Any:
        """Start a call."""
        request = self.worker.request(notebook, parameters)
        return self.worker.stub.execute_notebook.future(request, **{"timeout": SECONDS, **options})


@pytest.fixture(scope="module")
def measured(start: Callable[..., Worker]) -> Measured:
    (port,) = free_ports(1)
    worker = start(PODBOOK_METRICS_PORT=str(port))
    put_notebook(worker.cluster, "counted")
    http = worker.api.http
    eventually(lambda: http.get("/v1/notebooks/counted").is_success, "it is served")
    return Measured(worker, port)


def test_a_call_that_is_answered_counts_with_the_answers_code(measured: Measured) -> None:
    before = measured.value("podbook_api_grpc_call_seconds_count")
    running = measured.call("counted")
    measured.worker.run_of("counted").succeed()

    assert running.result().status.code == measured.worker.messages.OK
    assert measured.call("missing").result().status.code
    assert measured.call("counted", b"[]").result().status.code

    counted = {c: measured.value(COUNT, code=c) for c in ("OK", "NOTEBOOK_NOT_FOUND", "BAD_INPUT")}
    assert counted == {"OK": 1, "NOTEBOOK_NOT_FOUND": 1, "BAD_INPUT": 1}
    assert measured.value("podbook_api_grpc_call_seconds_count") == before + 3


def test_a_call_that_is_not_counts_with_grpcs(measured: Measured) -> None:
    raw = measured.worker.channel.unary_unary(
        "/WorkerService/execute_notebook", request_serializer=bytes, response_deserializer=bytes
    )
    with pytest.raises(grpc.RpcError):
        raw(b"\xff", timeout=SECONDS)

    # gRPC tells the caller before the call is over here.
    eventually(lambda: measured.value(COUNT, code="INVALID_ARGUMENT") == 1, "it is counted")


def test_a_call_that_its_caller_gave_up_is_counted_too(measured: Measured) -> None:
    running = measured.call("counted")
    eventually(lambda: measured.worker.executions("counted"), "it runs")

    running.cancel()

    eventually(lambda: measured.value(COUNT, code="CANCELLED") == 1, "it is counted")
