"""What clients ask before they ask for objects."""

from typing import Any

import pytest

from rig.kube_client import Kube
from rig.widgets import API_VERSION, GROUP, a_widget


def _resources(kube: Kube, path: str) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in kube.get(path).body["resources"]}


def test_the_version_names_itself(kube: Kube) -> None:
    version = kube.get("/version").body

    assert version["gitVersion"].startswith("v1.")
    assert (version["major"], version["minor"].isdigit()) == ("1", True)


def test_groups_are_listed_with_their_versions(kube: Kube, widgets: str) -> None:
    groups = {group["name"]: group for group in kube.get("/apis").body["groups"]}

    assert kube.get("/api").body["versions"] == ["v1"]
    assert groups[GROUP]["preferredVersion"] == {"groupVersion": API_VERSION, "version": "v1"}
    assert {
        "apiextensions.k8s.io",
        "coordination.k8s.io",
        "events.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "admissionregistration.k8s.io",
    } <= set(groups)
    assert kube.get(f"/apis/{GROUP}").body["versions"][0]["version"] == "v1"
    assert widgets


def test_core_resources_are_described(kube: Kube) -> None:
    resources = _resources(kube, "/api/v1")

    assert resources["pods"]["shortNames"] == ["po"]
    assert resources["pods"]["namespaced"] is True
    assert resources["namespaces"]["namespaced"] is False
    assert {"pods/status", "pods/log", "pods/binding", "serviceaccounts/token"} <= set(resources)
    assert {"create", "delete", "get", "list", "patch", "update", "watch"} <= set(
        resources["pods"]["verbs"]
    )


def test_custom_resources_are_described(kube: Kube, widgets: str) -> None:
    resources = _resources(kube, f"/apis/{API_VERSION}")

    assert resources["widgets"]["kind"] == "Widget"
    assert resources["widgets"]["singularName"] == "widget"
    assert resources["widgets"]["shortNames"] == ["wd"]
    assert resources["widgets"]["categories"] == ["all"]
    assert set(resources["widgets/status"]["verbs"]) == {"get", "patch", "update"}
    assert widgets


def test_the_openapi_documents_have_what_kubectl_looks_for(kube: Kube, widgets: str) -> None:
    kube.create(widgets, a_widget("for-openapi"))
    kube.delete(f"{widgets}/for-openapi")
    paths = kube.get("/openapi/v3").body["paths"]
    document = kube.raw("GET", paths[f"apis/{API_VERSION}"]["serverRelativeURL"])

    assert "api/v1" in paths
    assert '"x-kubernetes-group-version-kind"' in document
    assert '"fieldValidation"' in document
    assert '"dryRun"' in document
    assert '"A widget."' in document


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/livez"])
def test_the_server_is_well(kube: Kube, path: str) -> None:
    assert kube.raw("GET", path) == "ok"
