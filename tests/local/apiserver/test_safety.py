"""Only who holds a token gets in; no web page does."""

import socket
import stat
import urllib.parse
from pathlib import Path

import pytest

from rig.embedded import EmbeddedCluster


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_may_read_the_data(cluster: EmbeddedCluster) -> None:
    assert _mode(cluster.folder) == 0o700
    files = [path for path in cluster.folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"kubeconfig", "cluster.db", "admin-token"}
    assert {path.name: _mode(path) for path in files if _mode(path) != 0o600} == {}


def test_it_listens_on_loopback_only(cluster: EmbeddedCluster) -> None:
    port = int(cluster.url.rpartition(":")[2])
    lines = Path(f"/proc/{cluster.pid}/net/tcp").read_text().splitlines()[1:]
    listening = [line.split()[1] for line in lines if line.split()[3] == "0A"]

    assert f"0100007F:{port:04X}" in listening
    assert f"00000000:{port:04X}" not in listening


@pytest.mark.parametrize(
    ("token", "status"),
    [
        pytest.param("", 401, id="no token"),
        pytest.param("nonsense", 401, id="a wrong token"),
        pytest.param("a.b.c", 401, id="what looks like a token"),
        pytest.param("é", 401, id="no ASCII"),
    ],
)
@pytest.mark.parametrize("path", ["/api", "/api/v1/pods", "/openapi/v3", "/_faults", "/nothing"])
def test_nothing_is_told_without_a_token(
    cluster: EmbeddedCluster, path: str, token: str, status: int
) -> None:
    answer = _raw(cluster, path, {"Authorization": f"Bearer {token}"} if token else {})

    assert answer.split()[1] == str(status)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/livez"])
def test_health_needs_no_token(cluster: EmbeddedCluster, path: str) -> None:
    assert _raw(cluster, path, {}).split()[1] == "200"


def test_a_wrong_key_in_the_url_opens_nothing(cluster: EmbeddedCluster) -> None:
    assert _raw(cluster, "/key/nonsense/api/v1/pods", {}).split()[1] == "401"
    assert _raw(cluster, "/key/", {}).split()[1] == "401"


def test_a_wrong_token_is_not_saved_by_a_key(cluster: EmbeddedCluster) -> None:
    key = (cluster.folder / "url-key").read_text()

    assert _raw(cluster, f"/key/{key}/api", {}).split()[1] == "200"
    wrong = {"Authorization": "Bearer nonsense"}
    assert _raw(cluster, f"/key/{key}/api", wrong).split()[1] == "401"


def test_the_token_may_stand_in_the_url_as_a_password(cluster: EmbeddedCluster) -> None:
    import base64

    credentials = base64.b64encode(f"anyone:{cluster.token}".encode()).decode()

    assert _raw(cluster, "/api", {"Authorization": f"Basic {credentials}"}).split()[1] == "200"
    assert _raw(cluster, "/api", {"Authorization": "Basic nonsense"}).split()[1] == "401"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_a_name_that_only_points_here_is_refused(cluster: EmbeddedCluster, host: str) -> None:
    headers = {"Authorization": f"Bearer {cluster.token}", "Host": host}

    assert _raw(cluster, "/api", headers).split()[1] in ("403", "400")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:1234", "[::1]:1234"])
def test_names_of_this_machine_are_fine(cluster: EmbeddedCluster, host: str) -> None:
    headers = {"Authorization": f"Bearer {cluster.token}", "Host": host}

    assert _raw(cluster, "/api", headers).split()[1] == "200"


def test_a_page_of_any_origin_is_refused(cluster: EmbeddedCluster) -> None:
    for origin in ("https://evil.example", "null", cluster.url):
        headers = {"Authorization": f"Bearer {cluster.token}", "Origin": origin}
        answer = _raw(cluster, "/api", headers)

        assert answer.split()[1] == "403"
        assert "access-control-allow" not in answer.lower()


def test_preflights_get_nothing(cluster: EmbeddedCluster) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}

    answer = _raw(cluster, "/api/v1/pods", headers, method="OPTIONS")

    assert answer.split()[1] == "403"
    assert "access-control-allow" not in answer.lower()


def _raw(
    cluster: EmbeddedCluster, path: str, headers: dict[str, str], *, method: str = "GET"
) -> str:
    """Return the whole answer to a request that is written by hand."""
    address = urllib.parse.urlsplit(cluster.url)
    lines = {"Host": f"{address.hostname}:{address.port}", "Connection": "close", **headers}
    text = f"{method} {path} HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in lines.items()
    )
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(text.encode() + b"\r\n")
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).decode()
