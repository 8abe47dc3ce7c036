"""resourceVersion: what changes it, and what it promises."""

from rig.kube_client import JSON_PATCH, Kube, unique
from rig.widgets import a_widget


def test_versions_rise_across_resources(kube: Kube, widgets: str) -> None:
    first = kube.create(widgets, a_widget(unique("w")))
    second = kube.create(kube.path("configmaps"), {"metadata": {"name": unique("c")}})
    third = kube.create(widgets, a_widget(unique("w")))

    assert int(first.version) < int(second.version) < int(third.version)


def test_a_list_is_at_least_as_new_as_its_items(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    listed = kube.get(widgets)

    assert int(listed.version) >= int(created.version)
    assert all(
        int(item["metadata"]["resourceVersion"]) <= int(listed.version)
        for item in listed.body["items"]
    )


def test_a_write_that_changes_nothing_keeps_the_version(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    path = f"{widgets}/{created.name}"
    # A real API server counts who wrote last as a change.
    first = kube.patch(path, {"spec": {"size": 4}})

    assert kube.patch(path, {"spec": {"size": 4}}).version == first.version
    assert kube.put(path, first.body).version == first.version
    assert kube.patch(path, {"metadata": {"labels": {}}}).version == first.version


def test_a_write_with_an_old_version_is_a_conflict(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    path = f"{widgets}/{created.name}"
    kube.patch(path, {"spec": {"size": 4}})

    stale_put = kube.put(path, created.body)
    stale_patch = kube.patch(
        path, {"metadata": {"resourceVersion": created.version}, "spec": {"size": 6}}
    )

    for answer in (stale_put, stale_patch):
        assert (answer.status, answer.body["reason"]) == (409, "Conflict")
        assert "the object has been modified" in answer.body["message"]
    assert kube.get(path).body["spec"]["size"] == 4


def test_a_put_of_a_custom_resource_needs_a_version(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.put(f"{widgets}/{created.name}", a_widget(created.name, size=4))

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert "must be specified for an update" in answer.body["message"]


def test_a_put_of_a_config_map_may_go_without(kube: Kube) -> None:
    name = unique("c")
    kube.create(kube.path("configmaps"), {"metadata": {"name": name}, "data": {"a": "1"}})

    answer = kube.put(
        kube.path("configmaps", name), {"metadata": {"name": name}, "data": {"b": "2"}}
    )

    assert (answer.status, answer.body["data"]) == (200, {"b": "2"})


def test_a_failed_json_patch_test_is_invalid(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    path = f"{widgets}/{created.name}"
    patch = [
        {"op": "test", "path": "/metadata/resourceVersion", "value": "1"},
        {"op": "replace", "path": "/spec/size", "value": 4},
    ]

    answer = kube.patch(path, patch, JSON_PATCH)

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert kube.get(path).version == created.version


def test_another_uid_is_a_conflict(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    other = {**created.body, "metadata": {**created.body["metadata"], "uid": "another"}}

    answer = kube.put(f"{widgets}/{created.name}", other)

    assert (answer.status, answer.body["reason"]) == (409, "Conflict")
