"""The users' port, gRPC and the intake with certificates, which are renewed without a restart."""

import logging
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import pytest
from cryptography import x509
from grpc_health.v1 import health_pb2, health_pb2_grpc
from pydantic import ValidationError

from podbook_api.http.serving.certificates import CannotCertify, Certificate
from podbook_api.settings import Settings
from podbook_catalog.pushing.following import following_settings
from podbook_catalog.pushing.following.connection import Connection
from podbook_catalog.pushing.rest import CatalogServer, NoAnswer
from podbook_runner.reporting.intake import Intake, Unreachable
from podbook_runner.reporting.retries import Until
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support.certificates import Authority


@dataclass(frozen=True)
class Served:
    api: RunningApi
    port: int
    grpc_port: int
    folder: Path
    authority: Authority

    @property
    def pair(self) -> tuple[Path, Path]:
        return self.folder / "tls.crt", self.folder / "tls.key"


@pytest.fixture(scope="module")
def served(cluster: EmbeddedCluster, api_folder: Path) -> Iterator[Served]:
    folder, authority = api_folder / "certificates", Authority.new()
    folder.mkdir()
    certificate, key = folder / "tls.crt", folder / "tls.key"
    authority.certify(certificate, key)
    port, grpc_port = apis.free_ports(2)
    apis.put_notebook(cluster, "by-tls")
    settings = {
        "PODBOOK_TLS_PORT": str(port),
        "PODBOOK_TLS_CERTIFICATE": str(certificate),
        "PODBOOK_TLS_KEY": str(key),
        "PODBOOK_INTAKE_TLS_CERTIFICATE": str(certificate),
        "PODBOOK_INTAKE_TLS_KEY": str(key),
        "PODBOOK_GRPC_PORT": str(grpc_port),
    }
    with apis.running(cluster, api_folder, **settings) as api:
        yield Served(api, port, grpc_port, folder, authority)


def test_a_call_by_https_runs_a_notebook_whose_runner_claims_by_https(
    cluster: EmbeddedCluster, served: Served, tmp_path: Path
) -> None:
    trusting = ssl.create_default_context(cadata=served.authority.pem)
    token = tmp_path / "token"
    with httpx.Client(
        base_url=f"https://127.0.0.1:{served.port}", verify=trusting, trust_env=False
    ) as http:
        eventually(lambda: http.get("/v1/notebooks/by-tls").is_success, "it is served")
        made = http.post("/v1/notebooks/by-tls/executions", json={})
        assert made.status_code == 202, made.text
        token.write_text(FakeRun(cluster, served.api, made.json()["id"]).make_pod().token)
        url = served.api.intake_url.replace("http:", "https:")
        job = Intake(url, token, served.authority.pem).claim(until=_soon())
        assert job["name"] == made.json()["id"]
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        Intake(url, token, Authority.new().pem).claim(until=_soon())
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{served.api.intake_url}/healthz", trust_env=False)


def test_grpc_is_served_with_it_and_not_without(served: Served) -> None:
    where = f"localhost:{served.grpc_port}"
    trusted = grpc.ssl_channel_credentials(served.authority.pem.encode())

    with grpc.secure_channel(where, trusted) as channel:
        asked = health_pb2.HealthCheckRequest()
        answer = health_pb2_grpc.HealthStub(channel).Check(asked, timeout=30)
    with grpc.insecure_channel(where) as channel, pytest.raises(grpc.RpcError):
        health_pb2_grpc.HealthStub(channel).Check(asked, timeout=30)

    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_a_renewed_certificate_is_shown_and_a_broken_one_is_not(served: Served) -> None:
    certificate, key = served.pair
    renewed = served.authority.certify(certificate, key)

    eventually(lambda: _shown(served.port) == renewed, "the new one is shown")

    kept = certificate.read_text()
    certificate.write_text("nothing of the kind")
    eventually(lambda: "not usable" in served.api.log.read_text(), "the log tells of it")
    assert _shown(served.port) == renewed
    certificate.write_text(kept)


def test_what_is_no_pair_is_refused_by_its_files(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    certificate, key, other = (tmp_path / name for name in ("tls.crt", "tls.key", "other"))
    with pytest.raises(CannotCertify, match=r"tls\.crt with .*tls\.key is no certificate"):
        Certificate(certificate, key)
    authority = Authority.new()
    authority.certify(certificate, key)
    found = Certificate(certificate, key)
    authority.certify(certificate, other)
    with caplog.at_level(logging.WARNING):
        assert not found.refresh()
    assert "the one before goes on" in caplog.text
    with pytest.raises(ValidationError, match="PODBOOK_TLS_CERTIFICATE and PODBOOK_TLS_KEY"):
        Settings(tls_certificate=certificate)


def _shown(port: int) -> int:
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
        trusting.wrap_socket(plain) as shown,
    ):
        found = shown.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(found or b"").serial_number


def _soon() -> Until:
    end = time.monotonic() + 2
    return lambda: end


def test_the_loader_of_a_repository_believes_the_authority_of_its_file_and_nobody_else(
    served: Served, tmp_path: Path
) -> None:
    authority = tmp_path / "ca.crt"
    authority.write_text(Authority.new().pem)
    settings = following_settings.read(
        {
            "PODBOOK_GIT_URL": "ssh://git.example/x",
            "PODBOOK_URL": f"https://127.0.0.1:{served.port}",
            "PODBOOK_NAMESPACE": "default",
            "PODBOOK_CATALOG_STATUS": "x",
            "PODBOOK_CA_FILE": str(authority),
        }
    )
    with Connection(settings) as to:
        server = CatalogServer(to.http)
        with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
            server.notebooks()

        # A Secret that was renewed holds from the next look on, one that breaks changes nothing.
        for text in (served.authority.pem, "no certificate"):
            authority.write_text(text)
            to.renew()
            assert "by-tls" in [each["id"] for each in server.notebooks()]

    authority.write_text("")
    with Connection(settings) as to, pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
        CatalogServer(to.http).notebooks()
