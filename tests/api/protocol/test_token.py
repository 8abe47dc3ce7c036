"""An API that wants a token answers whoever shows it, once and where it belongs; nobody else."""

import base64
import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from tests.support.needed_rights import NEEDED, OPEN

TOKEN = "open sesame"
SHOWN = ("Authorization", f"Bearer {TOKEN}")
HIDDEN = base64.b64encode(f"{TOKEN}:".encode()).decode()
JSON = ("Content-Type", "application/json")
AGENT = [SHOWN, JSON, ("Accept", "application/json, text/event-stream")]
# What of the library's own words no client has heard of.
OF_THE_CODE = ("pydantic", "input_type", "model_type", "NoneType", "instance of", "Traceback")

Headers = list[tuple[str, str]]
STRANGERS: dict[str, Headers] = {
    "none": [],
    "another": [("Authorization", "Bearer another")],
    "without a scheme": [("Authorization", TOKEN)],
    "of another scheme": [("Authorization", f"Token {TOKEN}")],
    "as the user of Basic": [("Authorization", f"Basic {HIDDEN}")],
    "after another": [("Authorization", f"Bearer another, Bearer {TOKEN}")],
    "in a cookie": [("Cookie", f"token={TOKEN}; Authorization=Bearer {TOKEN}")],
    "in a header of another name": [("X-Api-Key", TOKEN), ("Proxy-Authorization", SHOWN[1])],
    "a proxy's word": [("X-Forwarded-User", "admin"), ("X-Remote-User", "admin")],
    "in bytes": [("Authorization", "Bearer \xff\xfe")],
}
SPELLINGS = [
    *("//v1/notebooks", "/v1//notebooks", "/v1/notebooks/", "/./v1/notebooks", "/V1/NOTEBOOKS"),
    *("/healthz/../v1/notebooks", "/healthz/%2e%2e/v1/notebooks", "/frame/../v1/notebooks"),
    *("/healthz;/v1/notebooks", "/v1;x/notebooks", "/v1/notebooks;x=1", "/v1/notebooks."),
    *("/v1%2fnotebooks", "/%76%31/notebooks", "/v1\\notebooks", "/v1/notebooks%00", "*", "v1"),
    *("http://localhost/v1/notebooks", "/assets/..%2f..%2fetc/passwd", "/" + "a" * 60_000),
]
METHODS = ["TRACE", "OPTIONS", "CONNECT", "BREW", "get", "A" * 5000, "PROPFIND", "PATCH", "DELETE"]


@pytest.fixture(scope="module")
def guarded(cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "token").write_text(TOKEN)
    settings = {"PODBOOK_AUTH": "token", "PODBOOK_AUTH_TOKEN_FILE": str(folder / "token")}
    with apis.running(cluster, Path(folder), **settings) as api:
        yield api
        assert "Traceback" not in api.log.read_text()


def ask(api: RunningApi, method: str, path: str, headers: Headers, body: bytes = b"") -> Any:
    """Send a path and headers as they are; return the answer, of which nothing was read."""
    connection = http.client.HTTPConnection(urlsplit(api.url).netloc, timeout=60)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in [*headers, ("Content-Length", str(len(body))), ("Connection", "close")]:
        connection.putheader(name, value.encode("latin-1"))
    connection.endheaders(body)
    return connection.getresponse()


def test_every_door_stays_shut_without_the_token_in_its_place(guarded: RunningApi) -> None:
    for method, template in (route for route, right in NEEDED.items() if right is not OPEN):
        path = template.replace(":path", "").replace("{", "").replace("}", "")
        for headers in STRANGERS.values():
            answer = ask(guarded, method, path, headers)
            assert answer.status == 401, (method, path, headers)
            assert answer.getheader("WWW-Authenticate"), path
        in_query = f"{path}?token=open%20sesame&access_token=open%20sesame"
        assert ask(guarded, method, in_query, []).status == 401, path


def test_it_opens_to_the_token_as_a_bearer_and_as_the_password_of_basic(
    guarded: RunningApi,
) -> None:
    password = base64.b64encode(f"anybody:{TOKEN}".encode()).decode()
    for shown in (SHOWN[1], f"bearer {TOKEN}", f"Basic {password}"):
        answer = ask(guarded, "GET", "/v1/notebooks", [("Authorization", shown)])
        assert answer.status == 200, shown


def test_of_two_tokens_none_counts(guarded: RunningApi) -> None:
    another = ("Authorization", "Bearer another")
    for shown in ([SHOWN, another], [another, SHOWN], [SHOWN, SHOWN]):
        for path in ("/v1/notebooks", "/v1/events", "/mcp", "/api/notebooks", "/docs"):
            answer = ask(guarded, "GET", path, shown)
            assert answer.status == 400, (path, shown)
            assert b"one Authorization header" in answer.read()


@pytest.mark.parametrize("path", SPELLINGS, ids=lambda path: path[:40])
def test_no_spelling_of_a_path_is_a_way_in_or_a_fault(guarded: RunningApi, path: str) -> None:
    assert ask(guarded, "GET", path, []).status in (400, 401)
    assert ask(guarded, "GET", path, [SHOWN]).status < 500


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method[:10])
def test_no_method_is_a_way_in_or_a_fault(guarded: RunningApi, method: str) -> None:
    for path in ("/v1/notebooks", "/v1/executions/x", "/mcp", "/api/notebooks", "/frame", "/"):
        assert ask(guarded, method, path, []).status == 401, path
        assert ask(guarded, method, path, [SHOWN]).status in (404, 405), path


@pytest.mark.parametrize(
    "body",
    [
        *(b"null", b"5", b'"text"', b"{}", b'{"jsonrpc": "1.0", "method": "x", "id": 1}'),
        *(b'{"jsonrpc": "2.0", "method": 5, "id": 1}', b'{"jsonrpc": "2.0", "id": {}}'),
        *(b'{"__proto__": {}}', b"[null]", b'{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}'),
    ],
)
@pytest.mark.parametrize("era", ["", "2025-11-25", "2026-07-28"])
def test_what_is_no_message_of_an_agent_is_told_so_in_the_protocols_words(
    guarded: RunningApi, body: bytes, era: str
) -> None:
    spoken = [("MCP-Protocol-Version", era)] if era else []
    answer = ask(guarded, "POST", "/mcp", [*AGENT, *spoken], body)

    said = answer.read().decode()
    assert answer.status < 500, said
    assert not [word for word in OF_THE_CODE if word in said], said
