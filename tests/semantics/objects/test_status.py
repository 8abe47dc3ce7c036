"""The status subresource, generations and defaults of custom resources."""

import pytest

from rig.kube_client import JSON_PATCH, Kube, unique
from rig.widgets import a_widget


def test_a_status_that_a_client_sends_at_creation_is_dropped(kube: Kube, widgets: str) -> None:
    body = {**a_widget(unique("w")), "status": {"phase": "Done"}}

    assert kube.create(widgets, body).body["status"] == {"phase": "Queued"}


def test_the_default_phase_is_selectable_without_a_write(kube: Kube, widgets: str) -> None:
    name = kube.create(widgets, a_widget(unique("w"))).name

    listed = kube.get(widgets, fieldSelector=f"status.phase=Queued,metadata.name={name}")

    assert [item["metadata"]["name"] for item in listed.body["items"]] == [name]


def test_a_write_to_the_status_changes_nothing_else(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.patch(
        f"{widgets}/{created.name}/status",
        {"status": {"phase": "Running"}, "spec": {"size": 8}, "metadata": {"labels": {"a": "b"}}},
    )

    assert answer.body["status"]["phase"] == "Running"
    assert answer.body["spec"]["size"] == 2
    assert "labels" not in answer.body["metadata"]
    assert answer.body["metadata"]["generation"] == 1


def test_a_write_to_the_object_leaves_the_status(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.patch(
        f"{widgets}/{created.name}", {"status": {"phase": "Done"}, "spec": {"size": 4}}
    )

    assert (answer.body["status"], answer.body["spec"]["size"]) == ({"phase": "Queued"}, 4)


def test_the_generation_counts_changes_of_the_spec(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    path = f"{widgets}/{created.name}"

    labelled = kube.patch(path, {"metadata": {"labels": {"a": "b"}}})
    changed = kube.patch(path, {"spec": {"size": 4}})

    assert labelled.body["metadata"]["generation"] == 1
    assert changed.body["metadata"]["generation"] == 2


def test_the_status_can_be_put_and_read_alone(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    path = f"{widgets}/{created.name}/status"
    body = {**created.body, "status": {"phase": "Running"}, "spec": {"size": 8}}

    answer = kube.put(path, body)

    assert (answer.status, answer.body["spec"]["size"]) == (200, 2)
    assert kube.get(path).body["status"] == {"phase": "Running"}


@pytest.mark.parametrize(
    "output",
    [
        pytest.param({"a": {"b": None}}, id="nested nulls stay"),
        pytest.param([1, "two", None], id="a list"),
        pytest.param("text", id="a text"),
        pytest.param(False, id="false"),
        pytest.param(0, id="zero"),
        pytest.param(None, id="null, where it is nullable"),
    ],
)
def test_json_patch_writes_any_output(kube: Kube, widgets: str, output: object) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    patch = [
        {"op": "test", "path": "/metadata/resourceVersion", "value": created.version},
        {"op": "add", "path": "/status", "value": {"phase": "Running", "output": output}},
    ]

    answer = kube.patch(f"{widgets}/{created.name}/status", patch, JSON_PATCH)

    assert answer.body["status"] == {"phase": "Running", "output": output}


def test_a_null_that_is_not_allowed_is_dropped(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    patch = [{"op": "add", "path": "/status/dropped", "value": None}]

    answer = kube.patch(f"{widgets}/{created.name}/status", patch, JSON_PATCH)

    assert answer.body["status"] == {"phase": "Queued"}


def test_a_merge_patch_takes_nested_nulls_for_deletions(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.patch(
        f"{widgets}/{created.name}/status", {"status": {"output": {"a": 1, "b": None}}}
    )

    assert answer.body["status"]["output"] == {"a": 1}


def test_a_status_that_is_taken_away_is_defaulted_again(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    path = f"{widgets}/{created.name}/status"
    kube.patch(path, {"status": {"phase": "Running"}})

    assert kube.patch(path, {"status": None}).body["status"] == {"phase": "Queued"}
