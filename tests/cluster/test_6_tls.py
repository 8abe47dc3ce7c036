"""With certificates a run's whole way is encrypted: from its caller, and from its runner."""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rig.ipynb import notebook
from rig.until import eventually
from tests.cluster import place
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
from tests.support import git_server
from tests.support.certificates import Authority

HOST = f"{RELEASE}.{NAMESPACE}.svc"
SECRET = "certificates"


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Return the URL of a repository, and its commit."""
    with git_server.serving(tmp_path, host=place.HOST) as server:
        team = git_server.team(tmp_path, "encrypted")
        text = json.dumps(notebook("1"))
        yield f"{server.url}/encrypted.git", team.commit(files={"by-git.ipynb": text})


@pytest.fixture
def followed(repository: tuple[str, str]) -> str:
    """Return the commit that is to be served."""
    return repository[1]


@pytest.fixture
def authority(
    podbook: Installed, tmp_path: Path, repository: tuple[str, str]
) -> Iterator[Authority]:
    """The release with one certificate for both ports, and without one again."""
    made, pair = Authority.new(), (tmp_path / "tls.crt", tmp_path / "tls.key")
    made.certify(*pair, HOST, f"{RELEASE}-intake.{NAMESPACE}.svc")
    (tmp_path / "ca.crt").write_text(made.pem)
    files = [f"--from-file={tmp_path / name}" for name in ("tls.crt", "tls.key", "ca.crt")]
    kubectl("create", "secret", "generic", SECRET, "--namespace", NAMESPACE, *files)
    podbook.put("encrypted", notebook("print(6 * 7)"))
    try:
        git = f"catalog.git.url={repository[0]},catalog.git.intervalSeconds=1"
        _upgrade("--set", f"api.tls.secret={SECRET},api.intakeTls.secret={SECRET},{git}")
        yield made
    finally:
        _upgrade()
        kubectl("delete", "secret", SECRET, "--namespace", NAMESPACE)


def _upgrade(*more: str) -> None:
    words = ("upgrade", RELEASE, str(CHART), "--namespace", NAMESPACE, "--values", str(VALUES))
    helm(*words, *more)
    await_rollout(RELEASE, namespace=NAMESPACE)


def test_a_run_is_asked_for_and_reported_by_tls(
    podbook: Installed, authority: Authority, followed: str
) -> None:
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

        def is_followed() -> bool:
            stands = http.get("/v1/catalog", extensions=named, timeout=10).json()["git"]
            return stands is not None and stands["served"] == followed

        eventually(is_followed, "the loader of a repository speaks TLS, too", seconds=120)

    assert made.json()["phase"] == "Succeeded", made.text
