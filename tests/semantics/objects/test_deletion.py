"""Deletion: finalizers, owners, preconditions."""

from typing import Any

import pytest

from rig.kube_client import JSON_PATCH, Answer, Kube, unique, until
from rig.widgets import API_VERSION, a_widget

_FINALIZER = "test.podbook.dev/hold"


def _owner(owner: Answer, *, blocks: bool = False, uid: str = "") -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": "Widget",
        "name": owner.name,
        "uid": uid or owner.uid,
        "controller": True,
        "blockOwnerDeletion": blocks,
    }


def _dependent(kube: Kube, owner: dict[str, Any], **metadata: Any) -> str:
    name = unique("dependent")
    body = {"metadata": {"name": name, "ownerReferences": [owner], **metadata}}
    kube.create(kube.path("configmaps"), body)
    return kube.path("configmaps", name)


def _is_gone(kube: Kube, path: str) -> bool:
    return kube.get(path).status == 404


def test_a_deleted_object_is_named_in_the_answer(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.delete(f"{widgets}/{created.name}")

    assert (answer.body["kind"], answer.body["status"]) == ("Status", "Success")
    assert answer.body["details"] == {
        "name": created.name,
        "group": "test.podbook.dev",
        "kind": "widgets",
        "uid": created.uid,
    }
    assert _is_gone(kube, f"{widgets}/{created.name}")


def test_what_is_not_there_is_not_found(kube: Kube, widgets: str) -> None:
    name = unique("w")

    answer = kube.delete(f"{widgets}/{name}")

    assert (answer.status, answer.body["reason"]) == (404, "NotFound")
    assert answer.body["message"] == f'widgets.test.podbook.dev "{name}" not found'
    assert answer.body["details"]["name"] == name


def test_a_finalizer_holds_an_object(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w"), metadata_finalizers=[_FINALIZER]))
    path = f"{widgets}/{created.name}"
    with kube.watch(
        widgets, fieldSelector=f"metadata.name={created.name}", resourceVersion=created.version
    ) as events:
        held = kube.delete(path)
        again = kube.delete(path)
        kube.patch(path, [{"op": "remove", "path": "/metadata/finalizers"}], JSON_PATCH)
        first, second = events.next(), events.next()

    assert held.body["metadata"]["deletionTimestamp"]
    assert held.body["metadata"]["generation"] == 2
    assert again.body["metadata"]["deletionTimestamp"] == held.body["metadata"]["deletionTimestamp"]
    assert [first["type"], second["type"]] == ["MODIFIED", "DELETED"]
    assert _is_gone(kube, path)


def test_an_object_that_is_being_deleted_takes_no_new_finalizer(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w"), metadata_finalizers=[_FINALIZER]))
    path = f"{widgets}/{created.name}"
    kube.delete(path)

    answer = kube.patch(path, {"metadata": {"finalizers": [_FINALIZER, "test.podbook.dev/more"]}})

    assert answer.status == 422
    kube.patch(path, {"metadata": {"finalizers": None}})
    assert _is_gone(kube, path)


@pytest.mark.parametrize("field", ["uid", "resourceVersion"])
def test_a_precondition_must_hold(kube: Kube, widgets: str, field: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    path = f"{widgets}/{created.name}"

    wrong = kube.delete(path, {"preconditions": {field: "1"}})
    right = kube.delete(path, {"preconditions": {field: created.body["metadata"][field]}})

    assert (wrong.status, wrong.body["reason"]) == (409, "Conflict")
    assert right.status == 200


def test_a_dry_run_deletes_nothing(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    path = f"{widgets}/{created.name}"

    assert kube.delete(path, dryRun="All").status == 200
    assert kube.delete(path, {"dryRun": ["All"]}).status == 200
    assert kube.get(path).version == created.version


def test_what_is_owned_goes_with_its_owner(kube: Kube, widgets: str) -> None:
    owner = kube.create(widgets, a_widget(unique("w")))
    dependent = _dependent(kube, _owner(owner))

    kube.delete(f"{widgets}/{owner.name}")

    until(lambda: _is_gone(kube, dependent), what="the dependent's end")


def test_what_is_owned_by_a_uid_that_is_gone_goes(kube: Kube, widgets: str) -> None:
    owner = kube.create(widgets, a_widget(unique("w")))

    dependent = _dependent(kube, _owner(owner, uid="00000000-0000-0000-0000-000000000000"))

    until(lambda: _is_gone(kube, dependent), what="the dependent's end")
    assert kube.get(f"{widgets}/{owner.name}").status == 200


def test_a_namesake_of_the_owner_does_not_inherit(kube: Kube, widgets: str) -> None:
    name = unique("w")
    owner = kube.create(widgets, a_widget(name))
    dependent = _dependent(kube, _owner(owner))
    kube.delete(f"{widgets}/{name}")
    kube.create(widgets, a_widget(name))

    until(lambda: _is_gone(kube, dependent), what="the dependent's end")


def test_one_owner_that_is_left_is_enough(kube: Kube, widgets: str) -> None:
    first = kube.create(widgets, a_widget(unique("w")))
    second = kube.create(widgets, a_widget(unique("w")))
    owners = [_owner(first), {**_owner(second), "controller": False}]
    name = unique("dependent")
    kube.create(kube.path("configmaps"), {"metadata": {"name": name, "ownerReferences": owners}})
    alone = _dependent(kube, _owner(first))

    kube.delete(f"{widgets}/{first.name}")
    until(lambda: _is_gone(kube, alone), what="the end of what had one owner")
    assert kube.get(kube.path("configmaps", name)).status == 200

    kube.delete(f"{widgets}/{second.name}")
    until(lambda: _is_gone(kube, kube.path("configmaps", name)), what="the dependent's end")


def test_orphans_stay(kube: Kube, widgets: str) -> None:
    owner = kube.create(widgets, a_widget(unique("w")))
    orphan = _dependent(kube, _owner(owner))
    other = kube.create(widgets, a_widget(unique("w")))
    dependent = _dependent(kube, _owner(other))

    kube.delete(f"{widgets}/{owner.name}", {"propagationPolicy": "Orphan"})
    kube.delete(f"{widgets}/{other.name}")

    until(lambda: _is_gone(kube, dependent), what="the other dependent's end")
    until(lambda: _is_gone(kube, f"{widgets}/{owner.name}"), what="the owner's end")
    until(lambda: "ownerReferences" not in kube.get(orphan).body["metadata"], what="the orphan's")


def test_in_the_foreground_the_owner_waits_for_what_blocks_it(kube: Kube, widgets: str) -> None:
    owner = kube.create(widgets, a_widget(unique("w")))
    dependent = _dependent(kube, _owner(owner, blocks=True), finalizers=[_FINALIZER])
    path = f"{widgets}/{owner.name}"

    answer = kube.delete(path, {"propagationPolicy": "Foreground"})

    assert answer.body["metadata"]["finalizers"] == ["foregroundDeletion"]
    until(
        lambda: "deletionTimestamp" in kube.get(dependent).body["metadata"],
        what="the dependent's deletion",
    )
    assert kube.get(path).status == 200
    kube.patch(dependent, {"metadata": {"finalizers": None}})
    until(lambda: _is_gone(kube, path), what="the owner's end")
    assert _is_gone(kube, dependent)
