"""The API server under test: the one PODBOOK_TEST_KUBECONFIG names, else an embedded one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig import embedded
from rig.kube_client import Kube, connect, until
from rig.widgets import DEFINITION, GROUP, NAME, PLURAL

NAMESPACE = "podbook-semantics"
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.fixture(scope="session")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    given = os.environ.get("PODBOOK_TEST_KUBECONFIG")
    if given:
        yield Path(given)
        return
    folder = tmp_path_factory.mktemp("semantics") / "cluster"
    with embedded.running(folder, ["--no-kubelet", "--bookmark-seconds", "1"]) as cluster:
        yield cluster.kubeconfig


@pytest.fixture(scope="session")
def kube(kubeconfig: Path) -> Iterator[Kube]:
    """A client of an administrator, with a namespace and the widgets."""
    with connect(kubeconfig, namespace=NAMESPACE) as kube:
        _prepare(kube)
        yield kube


def _prepare(kube: Kube) -> None:
    answer = kube.request("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    assert answer.status in (201, 409), answer
    answer = kube.request("POST", _DEFINITIONS, DEFINITION)
    assert answer.status in (201, 409), answer
    until(lambda: _is_established(kube), what="the widgets' definition")
    until(lambda: kube.get(kube.path("serviceaccounts", "default")).status == 200, what="account")


@pytest.fixture(scope="session")
def widgets(kube: Kube) -> str:
    """The path of the widgets in the namespace of the tests."""
    return kube.path(PLURAL, group=GROUP)


def _is_established(kube: Kube) -> bool:
    conditions = kube.get(f"{_DEFINITIONS}/{NAME}").body["status"].get("conditions") or []
    established = {"type": "Established", "status": "True"}
    return any(established.items() <= condition.items() for condition in conditions or []) and (
        kube.get(kube.path(PLURAL, group=GROUP)).status == 200
    )
