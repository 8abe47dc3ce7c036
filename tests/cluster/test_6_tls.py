"""With certificates a run's whole way is encrypted: from its caller, and from its runner."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rig.ipynb import notebook
from rig.until import eventually
from tests.cluster.installation import await_rollout
from tests.cluster.installed import (
    CHART,
    NAMESPACE,
    RELEASE,
    VALUES,
    Installed,
    helm,
    kubectl,
    service_url,
)
from tests.support.certificates import Authority

HOST = f"{RELEASE}.{NAMESPACE}.svc"
SECRET = "certificates"


@pytest.fixture
def authority(podbook: Installed, tmp_path: Path) -> Iterator[Authority]:
    """The release with one certificate for both ports, and without one again."""
    made, pair = Authority.new(), (tmp_path / "tls.crt", tmp_path / "tls.key")
    made.certify(*pair, HOST, f"{RELEASE}-intake.{NAMESPACE}.svc")
    (tmp_path / "ca.crt").write_text(made.pem)
    files = [f"--from-file={tmp_path / name}" for name in ("tls.crt", "tls.key", "ca.crt")]
    kubectl("create", "secret", "generic", SECRET, "--namespace", NAMESPACE, *files)
    podbook.put("encrypted", notebook("print(6 * 7)"))
    try:
        _upgrade("--set", f"api.tls.secret={SECRET},api.intakeTls.secret={SECRET}")
        yield made
    finally:
        _upgrade()
        kubectl("delete", "secret", SECRET, "--namespace", NAMESPACE)


def _upgrade(*more: str) -> None:
    words = ("upgrade", RELEASE, str(CHART), "--namespace", NAMESPACE, "--values", str(VALUES))
    helm(*words, *more)
    await_rollout(RELEASE, namespace=NAMESPACE)


def test_a_run_is_asked_for_and_reported_by_tls(podbook: Installed, authority: Authority) -> None:
    trusting = ssl.create_default_context(cadata=authority.pem)
    url = service_url(RELEASE).replace("http:", "https:")
    named = {"sni_hostname": HOST}

    with httpx.Client(base_url=url, verify=trusting, headers=podbook.http.headers) as http:
        http.headers["Host"] = HOST

        def answers() -> bool:
            try:
                return http.get("/readyz", extensions=named, timeout=10).is_success
            except httpx.TransportError:
                return False

        eventually(answers, "it is served by TLS", seconds=120)
        path = "/v1/notebooks/encrypted/executions?wait=60"
        made = http.post(path, json={}, extensions=named, timeout=90)

    assert made.json()["phase"] == "Succeeded", made.text
