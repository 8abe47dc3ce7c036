"""The kinds of patch, and server-side apply."""

from typing import Any

import pytest

from rig.kube_client import (
    APPLY_PATCH,
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_PATCH,
    Kube,
    unique,
)
from rig.widgets import API_VERSION, a_widget


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        pytest.param({"data": {"b": "2"}}, {"a": "1", "b": "2"}, id="adds"),
        pytest.param({"data": {"a": "3"}}, {"a": "3"}, id="replaces"),
        pytest.param({"data": {"a": None, "b": "2"}}, {"b": "2"}, id="null deletes"),
    ],
)
@pytest.mark.parametrize("content_type", [MERGE_PATCH, STRATEGIC_PATCH])
def test_merge_patches(
    kube: Kube, patch: dict[str, Any], expected: dict[str, str], content_type: str
) -> None:
    name = unique("c")
    kube.create(kube.path("configmaps"), {"metadata": {"name": name}, "data": {"a": "1"}})

    answer = kube.patch(kube.path("configmaps", name), patch, content_type)

    assert answer.body["data"] == expected


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        pytest.param(
            [{"op": "add", "path": "/data/b", "value": "2"}], {"a": "1", "b": "2"}, id="add"
        ),
        pytest.param(
            [{"op": "replace", "path": "/data/a", "value": "2"}], {"a": "2"}, id="replace"
        ),
        pytest.param([{"op": "move", "from": "/data/a", "path": "/data/b"}], {"b": "1"}, id="move"),
        pytest.param(
            [{"op": "copy", "from": "/data/a", "path": "/data/b"}],
            {"a": "1", "b": "1"},
            id="copy",
        ),
        pytest.param(
            [{"op": "add", "path": "/data/x~1y", "value": "2"}],
            {"a": "1", "x/y": "2"},
            id="an escaped slash",
        ),
    ],
)
def test_json_patches(
    kube: Kube, widgets: str, operations: list[dict[str, Any]], expected: dict[str, str]
) -> None:
    created = kube.create(widgets, a_widget(unique("w"), parameters={"a": "1"}))
    below = [
        {
            key: value.replace("/data", "/spec/parameters") if key in ("path", "from") else value
            for key, value in operation.items()
        }
        for operation in operations
    ]

    answer = kube.patch(f"{widgets}/{created.name}", below, JSON_PATCH)

    assert answer.body["spec"]["parameters"] == expected


@pytest.mark.parametrize(
    ("patch", "status"),
    [
        pytest.param([{"op": "remove", "path": "/spec/nothing"}], 422, id="nothing to remove"),
        pytest.param([{"op": "replace", "path": "/a/b", "value": 1}], 422, id="no such place"),
        pytest.param({"op": "add"}, 400, id="no list"),
        pytest.param(b"[", 400, id="no JSON"),
    ],
)
def test_a_json_patch_that_does_not_apply(
    kube: Kube, widgets: str, patch: Any, status: int
) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.patch(f"{widgets}/{created.name}", patch, JSON_PATCH)

    assert answer.status == status
    assert answer.body["kind"] == "Status"


def test_custom_resources_have_no_strategic_patch(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.patch(f"{widgets}/{created.name}", {"spec": {"size": 4}}, STRATEGIC_PATCH)

    assert (answer.status, answer.body["reason"]) == (415, "UnsupportedMediaType")
    assert MERGE_PATCH in answer.body["message"]


def test_an_unknown_kind_of_patch_is_refused(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.patch(f"{widgets}/{created.name}", {}, "application/json")

    assert answer.status == 415


def test_an_apply_creates_then_changes(kube: Kube, widgets: str) -> None:
    name = unique("w")
    body = {"apiVersion": API_VERSION, "kind": "Widget", "metadata": {"name": name}}
    query = {"fieldManager": "test", "force": "true"}

    created = kube.patch(f"{widgets}/{name}", {**body, "spec": {"size": 2}}, APPLY_PATCH, **query)
    changed = kube.patch(f"{widgets}/{name}", {**body, "spec": {"size": 4}}, APPLY_PATCH, **query)
    repeated = kube.patch(f"{widgets}/{name}", {**body, "spec": {"size": 4}}, APPLY_PATCH, **query)

    assert (created.status, changed.status) == (201, 200)
    assert changed.body["spec"] == {"size": 4, "colour": "red"}
    assert repeated.body["spec"] == changed.body["spec"]
    assert repeated.version == changed.version


def test_an_apply_takes_what_is_atomic_as_a_whole(kube: Kube, widgets: str) -> None:
    name = unique("w")
    body = {"apiVersion": API_VERSION, "kind": "Widget", "metadata": {"name": name}}
    made = kube.create(widgets, {**body, "spec": {"size": 2}, "frame": {"wide": 1, "high": 2}})
    applied = {**body, "spec": {"size": 4}, "frame": {"wide": 3}}
    query = {"fieldManager": "test", "force": "true"}

    changed = kube.patch(f"{widgets}/{made.name}", applied, APPLY_PATCH, **query)

    assert changed.body["frame"] == {"wide": 3}
    assert changed.body["spec"] == {"size": 4, "colour": "red"}


def test_an_apply_may_be_yaml(kube: Kube, widgets: str) -> None:
    name = unique("w")
    text = (
        f"apiVersion: {API_VERSION}\nkind: Widget\nmetadata:\n  name: {name}\nspec: {{size: 6}}\n"
    )

    answer = kube.patch(f"{widgets}/{name}", text.encode(), APPLY_PATCH, fieldManager="test")

    assert (answer.status, answer.body["spec"]["size"]) == (201, 6)


def test_an_apply_says_who_applies(kube: Kube, widgets: str) -> None:
    name = unique("w")
    body = {"apiVersion": API_VERSION, "kind": "Widget", "metadata": {"name": name}}

    answer = kube.patch(f"{widgets}/{name}", body, APPLY_PATCH)

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert "fieldManager: Required value" in answer.body["message"]


def test_only_an_apply_can_be_forced(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.patch(f"{widgets}/{created.name}", {"spec": {"size": 4}}, force="true")

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert "force: Forbidden" in answer.body["message"]


def test_a_patch_can_not_rename(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.patch(f"{widgets}/{created.name}", {"metadata": {"name": "another"}})

    assert answer.status == 400


def test_a_dry_run_shows_and_writes_nothing(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    path = f"{widgets}/{created.name}"

    answer = kube.patch(path, {"spec": {"size": 4}}, dryRun="All")

    assert answer.body["spec"]["size"] == 4
    assert kube.get(path).version == created.version
