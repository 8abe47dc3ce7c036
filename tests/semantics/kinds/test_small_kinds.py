"""Secrets, leases and events."""

import base64

import pytest

from rig.kube_client import JSON_PATCH, Kube, unique

_LEASES = "coordination.k8s.io"
_EVENTS = "events.k8s.io"


def _an_event(kube: Kube) -> dict[str, object]:
    return {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"generateName": "event-"},
        "eventTime": "2026-01-02T03:04:05.678901Z",
        "regarding": {
            "apiVersion": "v1",
            "kind": "Pod",
            "name": unique("p"),
            "namespace": kube.namespace,
        },
        "reason": "Started",
        "note": "it began",
        "type": "Normal",
        "action": "Start",
        "reportingController": "podbook.dev/test",
        "reportingInstance": "test",
    }


def test_text_in_a_secret_is_stored_as_base64(kube: Kube) -> None:
    created = kube.create(
        kube.path("secrets"), {"metadata": {"name": unique("s")}, "stringData": {"a": "text"}}
    )

    assert created.body["data"] == {"a": base64.b64encode(b"text").decode()}
    assert "stringData" not in created.body
    assert created.body["type"] == "Opaque"


def test_what_is_not_base64_is_refused(kube: Kube) -> None:
    answer = kube.request(
        "POST", kube.path("secrets"), {"metadata": {"name": unique("s")}, "data": {"a": "!"}}
    )

    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("plural", "key"),
    [("configmaps", "../a"), ("configmaps", "a b"), ("configmaps", "..a"), ("secrets", "a/b")],
)
def test_a_key_that_is_no_file_name_is_refused(kube: Kube, plural: str, key: str) -> None:
    answer = kube.request(
        "POST", kube.path(plural), {"metadata": {"name": unique("k")}, "data": {key: "YQ=="}}
    )

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert {cause["field"] for cause in answer.body["details"]["causes"]} == {f"data[{key}]"}


@pytest.mark.parametrize("plural", ["configmaps", "secrets"])
def test_more_than_a_mebibyte_of_data_is_refused(kube: Kube, plural: str) -> None:
    text = base64.b64encode(b"x" * (2**20 + 1)).decode()
    body = {"metadata": {"name": unique("k")}, "data": {"a": text}}

    answer = kube.request("POST", kube.path(plural), body)

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")


def test_the_domain_of_an_annotation_may_have_capitals(kube: Kube) -> None:
    metadata = {"name": unique("c"), "annotations": {"Example.com/a": "b"}}

    created = kube.create(kube.path("configmaps"), {"metadata": metadata})

    assert created.body["metadata"]["annotations"] == {"Example.com/a": "b"}


def test_a_lease_keeps_its_microseconds(kube: Kube) -> None:
    path = kube.path("leases", group=_LEASES)
    spec = {
        "holderIdentity": "me",
        "leaseDurationSeconds": 15,
        "renewTime": "2026-01-02T03:04:05.678901Z",
    }

    created = kube.create(path, {"metadata": {"name": unique("l")}, "spec": spec})

    assert created.body["spec"] == spec


def test_a_lease_is_taken_by_one_only(kube: Kube) -> None:
    path = kube.path("leases", group=_LEASES)
    created = kube.create(path, {"metadata": {"name": unique("l")}, "spec": {"holderIdentity": ""}})
    mine = {**created.body, "spec": {"holderIdentity": "me"}}
    yours = {**created.body, "spec": {"holderIdentity": "you"}}

    first = kube.put(f"{path}/{created.name}", mine)
    second = kube.put(f"{path}/{created.name}", yours)

    assert (first.status, second.status) == (200, 409)


def test_an_event_is_the_same_in_both_groups(kube: Kube) -> None:
    body = _an_event(kube)
    created = kube.create(kube.path("events", group=_EVENTS), body)

    core = kube.get(kube.path("events", created.name))
    named = body["regarding"]
    assert isinstance(named, dict)
    selected = kube.get(kube.path("events"), fieldSelector=f"involvedObject.name={named['name']}")

    assert created.body["apiVersion"] == "events.k8s.io/v1"
    assert created.body["note"] == "it began"
    assert (core.body["apiVersion"], core.body["message"]) == ("v1", "it began")
    assert core.body["involvedObject"]["kind"] == "Pod"
    assert core.body["reportingComponent"] == "podbook.dev/test"
    assert [item["metadata"]["name"] for item in selected.body["items"]] == [created.name]


def test_an_event_can_become_a_series(kube: Kube) -> None:
    path = kube.path("events", group=_EVENTS)
    created = kube.create(path, _an_event(kube))
    series = {"count": 2, "lastObservedTime": "2026-01-02T03:04:06.000000Z"}

    merged = kube.patch(f"{path}/{created.name}", {"series": series})
    again = kube.patch(
        f"{path}/{created.name}",
        [{"op": "replace", "path": "/series/count", "value": 3}],
        JSON_PATCH,
    )

    assert merged.body["series"] == series
    assert again.body["series"]["count"] == 3
    assert again.body["regarding"]["kind"] == "Pod"


def test_an_event_must_be_complete(kube: Kube) -> None:
    body = _an_event(kube)
    del body["eventTime"]
    without_action = {**_an_event(kube), "action": ""}

    for wrong, field in ((body, "eventTime"), (without_action, "action")):
        answer = kube.request("POST", kube.path("events", group=_EVENTS), wrong)
        assert (answer.status, answer.body["reason"]) == (422, "Invalid")
        assert field in [cause["field"] for cause in answer.body["details"]["causes"]]


def test_an_event_names_the_namespace_of_its_object(kube: Kube) -> None:
    body = {**_an_event(kube), "regarding": {"kind": "Pod", "name": "p"}}

    assert kube.request("POST", kube.path("events", group=_EVENTS), body).status == 422
