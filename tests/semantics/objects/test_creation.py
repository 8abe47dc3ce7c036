"""What a new object gets, and what is refused."""

import re

import pytest

from rig.kube_client import Kube, unique
from rig.widgets import API_VERSION, a_widget


def test_the_server_sets_what_is_its_own(kube: Kube, widgets: str) -> None:
    body = a_widget(unique("w"))
    body["metadata"] |= {
        "uid": "mine",
        "creationTimestamp": "2001-01-01T00:00:00Z",
        "generation": 7,
        "deletionTimestamp": "2001-01-01T00:00:00Z",
    }
    metadata = kube.create(widgets, body).body["metadata"]

    assert metadata["uid"] != "mine"
    assert re.fullmatch(r"20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", metadata["creationTimestamp"])
    assert metadata["generation"] == 1
    assert "deletionTimestamp" not in metadata
    assert metadata["namespace"] == kube.namespace


def test_kind_and_version_are_filled_in(kube: Kube, widgets: str) -> None:
    name = unique("w")
    created = kube.create(widgets, a_widget(name))

    assert (created.body["kind"], created.body["apiVersion"]) == ("Widget", API_VERSION)


def test_a_taken_name_is_refused(kube: Kube, widgets: str) -> None:
    name = unique("w")
    kube.create(widgets, a_widget(name))

    answer = kube.request("POST", widgets, a_widget(name))

    assert (answer.status, answer.body["reason"]) == (409, "AlreadyExists")
    assert answer.body["details"]["name"] == name
    assert answer.body["message"] == f'widgets.test.podbook.dev "{name}" already exists'


def test_a_name_can_be_made_of_a_prefix(kube: Kube, widgets: str) -> None:
    names = {kube.create(widgets, a_widget(metadata_generateName="made-")).name for _ in range(3)}

    assert len(names) == 3
    assert all(re.fullmatch(r"made-[a-z0-9]{5}", name) for name in names)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Upper", id="upper case"),
        pytest.param("a_b", id="underscore"),
        pytest.param("-a", id="dash first"),
        pytest.param("a" * 254, id="too long"),
    ],
)
def test_a_name_is_a_dns_subdomain(kube: Kube, widgets: str, name: str) -> None:
    answer = kube.request("POST", widgets, a_widget(name))

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert "metadata.name" in [cause["field"] for cause in answer.body["details"]["causes"]]


def test_no_name_is_refused(kube: Kube, widgets: str) -> None:
    answer = kube.request("POST", widgets, {**a_widget(), "metadata": {}})

    assert answer.status == 422
    assert "name or generateName is required" in answer.body["message"]


@pytest.mark.parametrize(
    ("labels", "fits"),
    [
        pytest.param({"a.b/c": "x_1"}, True, id="with a prefix"),
        pytest.param({"a": ""}, True, id="an empty value"),
        pytest.param({"a": "b c"}, False, id="a space"),
        pytest.param({"a/b/c": "d"}, False, id="two slashes"),
        pytest.param({"a": "x" * 64}, False, id="64 characters"),
    ],
)
def test_labels_have_a_syntax(kube: Kube, widgets: str, labels: dict[str, str], fits: bool) -> None:
    answer = kube.request("POST", widgets, a_widget(unique("w"), metadata_labels=labels))

    assert answer.status == (201 if fits else 422)


def test_annotations_are_bounded(kube: Kube, widgets: str) -> None:
    big = {"a": "x" * (256 * 1024 + 1)}

    answer = kube.request("POST", widgets, a_widget(unique("w"), metadata_annotations=big))

    assert answer.status == 422


def test_empty_maps_in_the_metadata_vanish(kube: Kube, widgets: str) -> None:
    created = kube.create(
        widgets,
        a_widget(unique("w"), metadata_labels={}, metadata_annotations={}, metadata_finalizers=[]),
    )

    assert not {"labels", "annotations", "finalizers"} & set(created.body["metadata"])


def test_a_namespace_must_exist(kube: Kube) -> None:
    answer = kube.request(
        "POST", "/api/v1/namespaces/nowhere/configmaps", {"metadata": {"name": "c"}}
    )

    assert (answer.status, answer.body["reason"]) == (404, "NotFound")
    assert answer.body["message"] == 'namespaces "nowhere" not found'


def test_body_and_url_name_one_namespace(kube: Kube, widgets: str) -> None:
    body = a_widget(unique("w"))
    body["metadata"]["namespace"] = "another"

    answer = kube.request("POST", widgets, body)

    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"kind": "Gadget"}, 422, id="another kind"),
        pytest.param({"apiVersion": "test.podbook.dev/v2"}, 400, id="another version"),
        pytest.param({"kind": ""}, 400, id="no kind"),
    ],
)
def test_body_and_url_name_one_kind(
    kube: Kube, widgets: str, changes: dict[str, str], status: int
) -> None:
    answer = kube.request("POST", widgets, {**a_widget(unique("w")), **changes})

    assert answer.status == status


def test_a_built_in_kind_is_known_from_the_url(kube: Kube) -> None:
    created = kube.create(kube.path("configmaps"), {"metadata": {"name": unique("c")}})

    assert (created.body["kind"], created.body["apiVersion"]) == ("ConfigMap", "v1")


def test_a_dry_run_leaves_nothing(kube: Kube, widgets: str) -> None:
    name = unique("w")

    answer = kube.request("POST", widgets, a_widget(name), dryRun="All")

    assert (answer.status, answer.body["status"]) == (201, {"phase": "Queued"})
    assert kube.get(f"{widgets}/{name}").status == 404


def test_yaml_is_taken_too(kube: Kube, widgets: str) -> None:
    name = unique("w")
    text = (
        f"apiVersion: {API_VERSION}\nkind: Widget\nmetadata: {{name: {name}}}\nspec:\n  size: 2\n"
    )

    answer = kube.request("POST", widgets, text.encode(), content_type="application/yaml")

    assert (answer.status, answer.body["spec"]["size"]) == (201, 2)
