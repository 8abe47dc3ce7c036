"""Whatever comes over the wire, the answer is the sender's fault in its own words, or none."""

import base64
import contextlib
import json
import select
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import older_surfaces

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get"]
POSTS = {
    "/v1/notebooks/refusing/executions": 422,
    "/v1/executions": 422,
    "/api/NotebookExecutions": 422,
    "/api/notebooks/refusing/execute": 400,
    "/noteburst/v1/notebooks/": 422,
}
PATHS = [
    *POSTS,
    "/v1/notebooks",
    "/v1/notebooks/refusing",
    "/v1/executions/x",
    "/v1/executions/x/cancel",
    "/v1/executions/x/artifacts/y",
    "/api/NotebookExecutions?executionId=x",
    "/api/notebooks",
    "/api/notebook_executions/x",
    "/api/notebook_executions/x/artifacts/html",
    "/noteburst/v1/notebooks",
    "/noteburst/v1/notebooks/x",
    "/nowhere",
]
_A_MOMENT = 0.5
JSON = b"Content-Type: application/json\r\n"
DEEP = base64.urlsafe_b64encode(b"[" * 5000)
RUN = b"POST /api/NotebookExecutions HTTP/1.1\r\nHost: localhost\r\n" + JSON


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    older_surfaces.serve(cluster, api)
    # Nothing fits its contract: no call that is understood by accident makes a run.
    apis.put_notebook(cluster, "refusing", input={"not": {}})
    eventually(lambda: api.http.get("/v1/notebooks/refusing").is_success, "it is served")


@pytest.fixture(autouse=True)
def _logs_no_traceback(api: RunningApi) -> Iterator[None]:
    before = len(api.log.read_text())
    yield
    assert api.http.get("/healthz").text == "ok"
    assert "Traceback" not in api.log.read_text()[before:]


def get(path: bytes, headers: bytes = b"") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n"


def answered(api: RunningApi, sent: bytes, *, ends: bool = True) -> bytes:
    """Send bytes as they are; return all that comes back until the connection is closed.

    Where it does not end by itself it is ended here, once there was time for an answer.
    """
    host, port = api.url.removeprefix("http://").split(":")
    came = bytearray()
    with (
        socket.create_connection((host, int(port)), timeout=60) as connection,
        # A connection that breaks has heard enough.
        contextlib.suppress(ConnectionError),
    ):
        connection.sendall(sent)
        if not ends:
            select.select([connection], [], [], _A_MOMENT)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        while chunk := connection.recv(65536):
            came += chunk
    return bytes(came)


def statuses(answer: bytes) -> list[int]:
    """Return the status of each answer in what came back."""
    heads = answer.split(b"HTTP/1.1 ")[1:]
    return [int(head[:3]) for head in heads]


def allowed(answer: bytes) -> set[str]:
    """Return the methods that an answer names."""
    head = answer.partition(b"\r\n\r\n")[0].decode().lower()
    (methods,) = [line for line in head.split("\r\n") if line.startswith("allow: ")]
    return {method.strip().upper() for method in methods.removeprefix("allow: ").split(",")}


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        pytest.param("/v1/executions", {"GET", "HEAD", "POST"}, id="two routes of one path"),
        pytest.param("/v1/executions/x", {"GET", "HEAD", "DELETE"}, id="with a name in it"),
        pytest.param("/v1/executions/x/cancel", {"POST"}, id="only one"),
        pytest.param("/api/NotebookExecutions", {"GET", "HEAD", "POST"}, id="an older surface"),
        pytest.param("/docs", {"GET", "HEAD"}, id="a page"),
        pytest.param("/healthz", {"GET", "HEAD"}, id="beside the surfaces"),
    ],
)
def test_a_refused_method_is_told_all_that_are_not(
    api: RunningApi, path: str, methods: set[str]
) -> None:
    answer = api.http.request("PATCH", path)

    assert answer.status_code == 405
    assert {method.strip() for method in answer.headers["allow"].split(",")} == methods


def test_a_path_that_is_none_is_told_with_where_those_that_are_stand(api: RunningApi) -> None:
    answer = api.http.get("/v1/notebook")

    assert answer.status_code == 404
    assert answer.json()["detail"] == (
        "nothing is served at '/v1/notebook'; /openapi.json lists what is"
    )
    older = api.http.get("/api/NotebookExecutions/none/such")
    assert (older.status_code, older.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("path", PATHS)
def test_any_method_on_any_path_has_an_answer(api: RunningApi, path: str) -> None:
    for method in METHODS:
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        answer = answered(api, f"{head}Content-Length: 0\r\n\r\n".encode())

        (status,) = statuses(answer)
        assert 200 <= status < 500, (method, path)
        if status == 405:
            assert method not in allowed(answer)
        if method == "HEAD":
            assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"\x00\x01\x02\r\n\r\n", id="no HTTP"),
        pytest.param(bytes.fromhex("16030100c8010000c40303"), id="TLS"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(get(b"/", b"X: " + b"a" * 300_000 + b"\r\n"), id="a huge header"),
        pytest.param(get(b"/nowhere", b"X: a\r\n" * 5000), id="many headers"),
        pytest.param(get(b"/v1/executions/" + b"a" * 60_000), id="a long path"),
        pytest.param(get("/v1/executions/é☃".encode()), id="UTF-8 as it is in the path"),
        pytest.param(get(b"/v1/executions/%ff%fe%zz%00"), id="no UTF-8 behind the percent signs"),
        pytest.param(get(b"/v1/notebooks/%ed%a0%80"), id="a surrogate in an id"),
        pytest.param(get(b"/v1/notebooks/../../etc/passwd"), id="a way out of the catalog"),
        pytest.param(get(b"/v1/executions/a/artifacts/..%2f..%2fx%00"), id="out of the store"),
        pytest.param(get(b"/v1/executions?continue=" + DEEP), id="a nested place in the list"),
        pytest.param(get(b"/v1/executions?continue=%ff"), id="no place in the list"),
        pytest.param(get(b"/v1/executions/x?wait=nan"), id="a wait that is no number"),
        pytest.param(get(b"/v1/executions/x?wait=1e400"), id="an endless wait"),
        pytest.param(get(b"/nowhere", b"Prefer: wait=" + b"9" * 5000 + b"\r\n"), id="preferred"),
        pytest.param(get(b"/v1/notebooks", b"Host: evil.example\r\n"), id="two hosts"),
        pytest.param(get(b"/v1/notebooks", b"Origin: \xff\xfe\r\n"), id="an origin of bytes"),
        pytest.param(b"GET /v1/notebooks HTTP/1.0\r\n\r\n", id="no host"),
        pytest.param(b"GET http://evil/v1/notebooks HTTP/1.1\r\nHost: evil\r\n\r\n", id="proxy"),
        pytest.param(RUN + b"Content-Length: -2\r\n\r\n{}", id="a negative length"),
        pytest.param(RUN + b"Content-Length: \xb2\r\n\r\n{}", id="a length of other digits"),
        pytest.param(RUN + b"Content-Length: 9\r\nContent-Length: 2\r\n\r\n{}", id="two lengths"),
        pytest.param(RUN + b"Content-Length: 9\r\n\r\n{}", id="less than announced"),
        pytest.param(RUN + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}", id="endless length"),
        pytest.param(RUN + b"Content-Length: 104857600\r\n\r\n{}", id="100 MB announced"),
        pytest.param(
            RUN + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", id="broken chunks"
        ),
        pytest.param(
            b"POST /v1/executions HTTP/1.1\r\nHost: localhost\r\n"
            b"Transfer-Encoding: chunked\r\n\r\nz\r\n",
            id="broken chunks that nobody reads",
        ),
        pytest.param(
            RUN + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}", id="endless chunk"
        ),
        pytest.param(
            RUN + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1",
            id="a request smuggled behind another",
        ),
        pytest.param(
            RUN + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00", id="gzip"
        ),
    ],
)
def test_bytes_that_no_client_sends_get_no_500(api: RunningApi, sent: bytes) -> None:
    assert all(status < 500 for status in statuses(answered(api, sent, ends=False)))


@pytest.mark.parametrize("name", [".", "..", "%2e", "%2e%2e", "..%2f..", "%2e%2e%2fpods", "-", "X"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_no_id_of_an_execution_leads_anywhere_else_in_the_cluster(
    api: RunningApi, name: str, method: str
) -> None:
    head = f"{method} /v1/executions/{name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"

    assert statuses(answered(api, f"{head}\r\n".encode())) == [404]


def test_requests_sent_all_at_once_are_answered_one_by_one(api: RunningApi) -> None:
    last = get(b"/api/notebooks", b"Connection: close\r\n")
    sent = get(b"/healthz") + get(b"/v1/executions/x") + last

    assert statuses(answered(api, sent)) == [200, 404, 200]


@pytest.mark.parametrize("path", POSTS)
def test_of_100_megabytes_no_more_is_read_than_may_be_sent(api: RunningApi, path: str) -> None:
    """Without announcing them: in chunks."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n".encode()
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    host, port = api.url.removeprefix("http://").split(":")
    chunks = iter([chunk] * 100)

    with (
        socket.create_connection((host, int(port)), timeout=60) as connection,
        contextlib.suppress(ConnectionError),
    ):
        connection.sendall(head + JSON + b"\r\n")
        for each in chunks:
            connection.sendall(each)

    assert len(list(chunks)) > 50
    answer = api.http.post(path, content=b" " * 1_000_001, headers={"Content-Type": "a/b+json"})
    assert answer.status_code == 413
    assert "1000000 bytes" in answer.text


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
FIELDS = [
    *("parameters", "notebook", "ipynb", "kernel_name", "timeout", "enable_retry", "webhook"),
    *("url", "secret", "runtime", "env", "resources", "digest", "deadlineSeconds", "idempotent"),
    *("cells", "metadata", "nbformat", "nbformat_minor", "source", "cell_type", "outputs"),
]
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=6)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(("path", "misfit"), POSTS.items())
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    body=st.binary()
    | VALUES.map(lambda v: json.dumps(v).encode())
    | VALUES.map(lambda v: json.dumps({"notebook": "refusing", "parameters": v}).encode())
)
def test_no_body_gets_a_500_or_makes_a_run_by_accident(
    api: RunningApi, path: str, misfit: int, body: bytes
) -> None:
    answer = api.http.post(path, content=body, headers={"Content-Type": "application/json"})

    # 404: the first surface names its notebook in the body, and most names lead to none.
    assert answer.status_code in {400, misfit, 404}, answer.text
    assert isinstance(answer.json(), dict)
