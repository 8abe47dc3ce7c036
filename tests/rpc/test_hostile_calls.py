"""Whatever comes over gRPC, the answer says whose fault it is, and no run is left behind."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podbook_crds import names
from rig.api import put_notebook
from rig.until import eventually
from tests.rpc.conftest import Worker

SECONDS = 60
METHOD = "/WorkerService/execute_notebook"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def refusing(worker: Worker) -> Worker:
    """A worker whose one notebook takes no parameters at all: nothing runs by accident."""
    put_notebook(worker.cluster, "refusing", input={"not": {}})
    http = worker.api.http
    eventually(lambda: http.get("/v1/notebooks/refusing").is_success, "it is served")
    return worker


@pytest.fixture(autouse=True)
def _runs_nothing_and_logs_no_traceback(refusing: Worker) -> Iterator[None]:
    before = len(refusing.api.log.read_text())
    yield
    assert refusing.executions("refusing") == []
    assert "Traceback" not in refusing.api.log.read_text()[before:]


def raw(worker: Worker, method: str) -> Callable[..., bytes]:
    """Return what sends bytes as they are."""
    call: Callable[..., bytes] = worker.channel.unary_unary(
        method, request_serializer=bytes, response_deserializer=bytes
    )
    return call


def failure(call: Callable[[], Any]) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as raised:
        call()
    code: grpc.StatusCode = raised.value.code()
    return code


@pytest.mark.parametrize("sent", [b"\xff", b"\x0a\xff\xff\xff\xff\x0f", b"\x0a\x02\xff\xfe"])
def test_bytes_that_are_no_message_are_refused(refusing: Worker, sent: bytes) -> None:
    code = failure(lambda: raw(refusing, METHOD)(sent, timeout=SECONDS))

    assert code is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("method", ["/WorkerService/other", "/Other/execute_notebook"])
def test_what_is_not_served_is_told_so(refusing: Worker, method: str) -> None:
    code = failure(lambda: raw(refusing, method)(b"", timeout=SECONDS))

    assert code is grpc.StatusCode.UNIMPLEMENTED


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    notebook=st.sampled_from(["refusing", "refusing/", "../refusing", ""]) | st.text(),
    plugin=st.sampled_from(["", "default"]) | st.text(),
    parameters=st.binary() | JSON.map(lambda value: json.dumps(value).encode()),
    only=st.booleans(),
)
def test_every_message_has_an_answer_in_the_callers_terms(
    refusing: Worker, notebook: str, plugin: str, parameters: bytes, only: bool
) -> None:
    request = refusing.request(notebook, parameters, plugin_name=plugin, parameterize_only=only)

    response = refusing.stub.execute_notebook(request, timeout=SECONDS)

    name = refusing.messages.StatusCode.Name(response.status.code)
    assert name not in ("OK", "INTERNAL_ERROR"), response.status.details
    assert response.status.details
    assert not response.HasField("notebook")


@pytest.mark.parametrize(
    ("size", "says"),
    [
        pytest.param(99_000_000, "parameters may have", id="a message that may be sent"),
        pytest.param(110_000_000, None, id="a message that is too large"),
    ],
)
def test_messages_have_a_limit_and_parameters_a_lower_one(
    refusing: Worker, compiled_stub: Any, size: int, says: str | None
) -> None:
    request = refusing.request("refusing", b" " * size)

    if says is None:
        code = failure(lambda: compiled_stub.execute_notebook(request, timeout=SECONDS))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    else:
        status = compiled_stub.execute_notebook(request, timeout=SECONDS).status
        assert (status.code, status.details[: len(says)]) == (refusing.messages.BAD_INPUT, says)


@pytest.fixture
def compiled_stub(refusing: Worker, compiled: Any) -> Any:
    """A client without a limit of its own."""
    options = [(f"grpc.max_{what}_message_length", -1) for what in ("send", "receive")]
    with grpc.insecure_channel(refusing.address, options=options) as channel:
        yield compiled.services.WorkerServiceStub(channel)


def test_a_full_queue_and_a_cluster_that_is_away_are_grpcs_own_answers(
    start: Callable[..., Worker], worker: Worker
) -> None:
    put_notebook(worker.cluster, "wanted")
    full = start(PODBOOK_QUEUE_LIMIT="0")
    call = full.stub.execute_notebook
    assert (
        failure(lambda: call(full.request("wanted"), timeout=SECONDS))
        is grpc.StatusCode.RESOURCE_EXHAUSTED
    )

    worker.cluster.fault(
        kind="status", code=503, method="POST", path=f"/{names.EXECUTION_PLURAL}$", times=1000
    )
    try:
        call = worker.stub.execute_notebook
        code = failure(lambda: call(worker.request("wanted"), timeout=SECONDS))
    finally:
        worker.cluster.clear_faults()

    assert code is grpc.StatusCode.UNAVAILABLE
    assert worker.executions("wanted") == []
