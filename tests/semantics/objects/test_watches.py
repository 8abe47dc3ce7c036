"""Watches: nothing lost, nothing twice, and what selectors make of it."""

from contextlib import suppress
from typing import Any

import pytest

from rig.kube_client import Kube, unique
from rig.widgets import a_widget


def _marker(kube: Kube, widgets: str, **fields: object) -> str:
    """Create an object whose event shows that all earlier ones are through."""
    return kube.create(widgets, a_widget(unique("marker"), **fields)).name


def _bookmark(kube: Kube, widgets: str, start: str, seconds: int) -> dict[str, Any] | None:
    """Return the first bookmark of a watch that lasts so long; None where it ends without one."""
    with kube.watch(
        widgets, resourceVersion=start, allowWatchBookmarks="true", timeoutSeconds=seconds
    ) as events:
        _marker(kube, widgets)
        with suppress(AssertionError):
            while (event := events.next(bookmarks=True, seconds=90))["type"] != "BOOKMARK":
                pass
            return event
    return None


def test_what_follows_a_list_comes_once(kube: Kube, widgets: str) -> None:
    start = kube.get(widgets).version
    name = unique("w")
    kube.create(widgets, a_widget(name))
    kube.patch(f"{widgets}/{name}", {"spec": {"size": 4}})
    with kube.watch(widgets, resourceVersion=start) as events:
        kube.delete(f"{widgets}/{name}")
        end = _marker(kube, widgets)

        seen = events.types_until(end)

    assert seen == [("ADDED", name), ("MODIFIED", name), ("DELETED", name), ("ADDED", end)]


def test_a_watch_resumes_after_the_version_it_names(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    changed = kube.patch(f"{widgets}/{created.name}", {"spec": {"size": 4}})
    with kube.watch(widgets, resourceVersion=changed.version) as events:
        end = _marker(kube, widgets)

        assert events.types_until(end) == [("ADDED", end)]


@pytest.mark.parametrize("version", ["", "0"])
def test_without_a_version_the_present_comes_first(kube: Kube, widgets: str, version: str) -> None:
    label = unique("l")
    kube.create(widgets, a_widget(unique("w"), metadata_labels={"set": label}))
    query = {"resourceVersion": version} if version else {}
    with kube.watch(widgets, labelSelector=f"set={label}", **query) as events:
        assert events.next()["type"] == "ADDED"


def test_deletion_shows_the_last_state_at_a_new_version(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w"), size=4))
    with kube.watch(widgets, resourceVersion=created.version) as events:
        kube.delete(f"{widgets}/{created.name}")
        event = events.next()

    assert event["type"] == "DELETED"
    assert event["object"]["spec"] == created.body["spec"]
    assert int(event["object"]["metadata"]["resourceVersion"]) > int(created.version)


def test_a_write_that_changes_nothing_is_no_event(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    first = kube.patch(f"{widgets}/{created.name}", {"spec": {"size": 4}})
    with kube.watch(widgets, resourceVersion=first.version) as events:
        kube.patch(f"{widgets}/{created.name}", {"spec": {"size": 4}})
        end = _marker(kube, widgets)

        assert events.types_until(end) == [("ADDED", end)]


def test_a_label_that_begins_to_match_adds_and_one_that_ends_deletes(
    kube: Kube, widgets: str
) -> None:
    label = unique("l")
    created = kube.create(widgets, a_widget(unique("w"), metadata_labels={"set": "other"}))
    path = f"{widgets}/{created.name}"
    with kube.watch(
        widgets, labelSelector=f"set={label}", resourceVersion=created.version
    ) as events:
        kube.patch(path, {"metadata": {"labels": {"set": label}}})
        kube.patch(path, {"spec": {"size": 4}})
        kube.patch(path, {"metadata": {"labels": {"set": None}}, "spec": {"size": 6}})
        kube.patch(path, {"spec": {"size": 8}})
        end = _marker(kube, widgets, metadata_labels={"set": label})
        seen = [events.next() for _ in range(4)]

    assert [event["type"] for event in seen] == ["ADDED", "MODIFIED", "DELETED", "ADDED"]
    assert seen[2]["object"]["spec"]["size"] == 4, "the last state that matched"
    assert seen[2]["object"]["metadata"]["labels"] == {"set": label}
    assert seen[3]["object"]["metadata"]["name"] == end


def test_a_final_phase_leaves_a_field_selector_as_deleted(kube: Kube, widgets: str) -> None:
    start = kube.get(widgets).version
    with kube.watch(
        widgets, fieldSelector="status.phase!=Done,status.phase!=Other", resourceVersion=start
    ) as events:
        created = kube.create(widgets, a_widget(unique("w")))
        status = f"{widgets}/{created.name}/status"
        kube.patch(status, {"status": {"phase": "Running"}})
        kube.patch(status, {"status": {"phase": "Done"}})
        seen = [events.next() for _ in range(3)]

    assert [(event["type"], event["object"]["status"]["phase"]) for event in seen] == [
        ("ADDED", "Queued"),
        ("MODIFIED", "Running"),
        ("DELETED", "Running"),
    ]


def test_one_object_can_be_watched_by_its_name(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    with kube.watch(
        widgets, fieldSelector=f"metadata.name={created.name}", resourceVersion=created.version
    ) as events:
        _marker(kube, widgets)
        kube.patch(f"{widgets}/{created.name}", {"spec": {"size": 4}})

        assert events.next()["object"]["metadata"]["name"] == created.name


def test_another_namespace_is_not_seen(kube: Kube, widgets: str) -> None:
    start = kube.get(kube.path("configmaps")).version
    with kube.watch(kube.path("configmaps"), resourceVersion=start) as events:
        other = unique("c")
        kube.create("/api/v1/namespaces/default/configmaps", {"metadata": {"name": other}})
        name = unique("c")
        kube.create(kube.path("configmaps"), {"metadata": {"name": name}})
        kube.delete(f"/api/v1/namespaces/default/configmaps/{other}")

        assert other not in [seen for _, seen in events.types_until(name)]


def test_a_watch_can_be_a_table(kube: Kube, widgets: str) -> None:
    start = kube.get(widgets).version
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    name = kube.create(widgets, a_widget(unique("w"))).name
    with kube.watch(widgets, accept=accept, resourceVersion=start) as events:
        event = events.next()

    assert event["object"]["kind"] == "Table"
    assert event["object"]["rows"][0]["cells"][:2] == [name, "Queued"]


def test_a_watch_ends_when_its_time_is_over(kube: Kube, widgets: str) -> None:
    with kube.watch(widgets, resourceVersion=kube.get(widgets).version, timeoutSeconds=1) as events:
        events.wait_end()


def test_bookmarks_come_only_when_asked_for_and_hold_only_a_version(
    kube: Kube, widgets: str
) -> None:
    start = kube.get(widgets).version
    # A real API server sends one each minute, and one 2 s before the watch's time is over, if
    # anything was written meanwhile; a busy one may be late for it.
    event = _bookmark(kube, widgets, start, 10) or _bookmark(kube, widgets, start, 100)

    assert event is not None
    assert event["object"]["kind"] == "Widget"
    assert int(event["object"]["metadata"]["resourceVersion"]) >= int(start)
    assert not event["object"]["metadata"].get("name")


def test_initial_events_end_with_a_bookmark(kube: Kube, widgets: str) -> None:
    label = unique("l")
    name = kube.create(widgets, a_widget(unique("w"), metadata_labels={"set": label})).name
    with kube.watch(
        widgets,
        labelSelector=f"set={label}",
        sendInitialEvents="true",
        resourceVersionMatch="NotOlderThan",
        allowWatchBookmarks="true",
    ) as events:
        first, second = events.next(bookmarks=True), events.next(bookmarks=True)

    assert (first["type"], first["object"]["metadata"]["name"]) == ("ADDED", name)
    assert second["type"] == "BOOKMARK"
    assert second["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
