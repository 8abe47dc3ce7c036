"""What holds for every answer of every port: no browser guesses its type, no odd path gets in."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from podbook_crds.protocol import intake
from rig import api as apis
from rig.api import RunningApi, free_ports
from rig.embedded import EmbeddedCluster
from tests.support.needed_rights import NEEDED

INTAKE = [
    ("POST", intake.CLAIM_PATH),
    ("GET", f"{intake.BLOBS_PATH}/sha256:x"),
    ("PUT", f"{intake.ARTIFACTS_PATH}/a.txt"),
    ("POST", intake.PROGRESS_PATH),
    ("POST", intake.RESULT_PATH),
]
CONTROLS = ("%0A", "%0d", "%00", "%C2%85", "%250A")


@pytest.fixture(scope="module")
def ports(cluster: EmbeddedCluster, api_folder: Path) -> Iterator[tuple[RunningApi, str]]:
    """An API, and the address of its metrics."""
    (port,) = free_ports(1)
    with apis.running(cluster, api_folder, PODBOOK_METRICS_PORT=str(port)) as running:
        yield running, f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client


def addresses(ports: tuple[RunningApi, str]) -> Iterator[tuple[str, str]]:
    api, metrics = ports
    for method, template in NEEDED:
        if template == "/v1/events" or (method, template) == ("GET", "/mcp"):
            continue  # Their answers go on for as long as somebody reads.
        path = template.replace(":path", "").replace("{", "").replace("}", "")
        yield method, f"{api.url}{path}"
    yield from ((method, f"{api.intake_url}{path}") for method, path in INTAKE)
    yield from ((("GET", f"{api.intake_url}/healthz")), ("GET", f"{metrics}/metrics"))
    yield from (("GET", f"{url}/nowhere") for url in (api.url, api.intake_url, metrics))


def test_every_answer_says_that_its_type_is_its_type(
    ports: tuple[RunningApi, str], web: httpx.Client
) -> None:
    for method, address in addresses(ports):
        for asked in (method, "HEAD", "OPTIONS", "BREW"):
            answer = web.request(asked, address)
            shown = answer.headers.get_list("X-Content-Type-Options")
            assert shown == ["nosniff"], (asked, address, answer.status_code)


@pytest.mark.parametrize("path", ["/v1/events", "/mcp"])
def test_the_head_of_a_stream_that_does_not_end_is_answered(
    ports: tuple[RunningApi, str], web: httpx.Client, path: str
) -> None:
    answer = web.head(f"{ports[0].url}{path}", headers={"Accept": "text/event-stream"})

    assert (answer.status_code < 500, answer.content) == (True, b"")


def test_so_does_what_is_answered_to_no_http(ports: tuple[RunningApi, str]) -> None:
    parts = urlsplit(ports[0].url)
    with socket.create_connection((str(parts.hostname), parts.port or 80), timeout=30) as line:
        line.sendall(b"no http at all\r\n\r\n")
        answer = line.recv(65536)

    assert answer.startswith(b"HTTP/1.1 400")
    assert b"x-content-type-options: nosniff" in answer.lower()


def test_control_characters_get_in_nowhere(
    ports: tuple[RunningApi, str], web: httpx.Client
) -> None:
    for method, address in addresses(ports):
        for control in CONTROLS:
            answer = web.request(method, f"{address}{control}")
            kind = answer.headers["Content-Type"]
            assert (answer.status_code, kind) == (400, "application/problem+json"), address


def test_the_intake_answers_nobody_without_a_pod_s_token(
    ports: tuple[RunningApi, str], web: httpx.Client
) -> None:
    for method, path in INTAKE:
        for authorization in ("", "Bearer", "Bearer  ", "Bearer no", "Basic Og=="):
            headers = {"Authorization": authorization.strip()} if authorization else {}
            answer = web.request(method, f"{ports[0].intake_url}{path}", headers=headers)
            assert answer.status_code == 401, (path, authorization, answer.text)
