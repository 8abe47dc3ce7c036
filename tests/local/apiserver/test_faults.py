"""Faults on demand: what each does to a client."""

import http.client
import threading
import time
import urllib.error
from typing import Any

import pytest

from rig.embedded import EmbeddedCluster
from rig.kube_client import Kube, unique
from rig.widgets import a_widget
from tests.local.apiserver.conftest import WIDGETS

_CUT = (urllib.error.URLError, http.client.HTTPException, ConnectionError)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (409, "Conflict"),
        (410, "Expired"),
        (429, "TooManyRequests"),
        (500, "InternalError"),
        (503, "ServiceUnavailable"),
    ],
)
def test_a_request_is_refused(cluster: EmbeddedCluster, kube: Kube, code: int, reason: str) -> None:
    name = unique("w")
    cluster.fault(kind="status", method="POST", path="widgets", code=code)

    first = kube.request("POST", WIDGETS, a_widget(name))
    second = kube.request("POST", WIDGETS, a_widget(name))

    assert (first.status, first.body["reason"]) == (code, reason)
    assert second.status == 201, "nothing had been done"


def test_too_many_requests_say_when_to_come_back(cluster: EmbeddedCluster, kube: Kube) -> None:
    cluster.fault(kind="status", path="widgets", code=429, retry_after=3)

    answer = kube.get(WIDGETS)

    assert answer.headers["Retry-After"] == "3"
    assert answer.body["details"]["retryAfterSeconds"] == 3


def test_only_the_nth_matching_request_is_hit(cluster: EmbeddedCluster, kube: Kube) -> None:
    cluster.fault(kind="status", method="GET", path="widgets", after=2, times=2, code=500)

    statuses = [kube.get(path).status for path in [WIDGETS, "/api", *[WIDGETS] * 4]]

    assert statuses == [200, 200, 200, 500, 500, 200]


def test_a_fault_can_be_for_one_client(cluster: EmbeddedCluster, kube: Kube) -> None:
    cluster.fault(kind="status", path="widgets", user_agent="operator", times=0)

    mine = kube.get(WIDGETS)
    its = kube.request("GET", WIDGETS, headers={"User-Agent": "operator/1"})

    assert (mine.status, its.status) == (200, 503)


def test_an_answer_is_lost_after_the_write(cluster: EmbeddedCluster, kube: Kube) -> None:
    name = unique("w")
    cluster.fault(kind="lose-answer", method="POST", path="widgets")

    with pytest.raises(_CUT):
        cluster.request("POST", WIDGETS, a_widget(name))

    assert kube.get(f"{WIDGETS}/{name}").status == 200


def test_a_connection_is_cut_before_the_write(cluster: EmbeddedCluster, kube: Kube) -> None:
    name = unique("w")
    cluster.fault(kind="cut", method="POST", path="widgets")

    with pytest.raises(_CUT):
        cluster.request("POST", WIDGETS, a_widget(name))

    assert kube.get(f"{WIDGETS}/{name}").status == 404


def test_a_request_is_delayed(cluster: EmbeddedCluster, kube: Kube) -> None:
    cluster.fault(kind="delay", path="widgets", seconds=0.3)
    started = time.monotonic()

    assert kube.get(WIDGETS).status == 200
    assert time.monotonic() - started >= 0.3


def test_reads_come_from_the_past(cluster: EmbeddedCluster, kube: Kube) -> None:
    created = kube.create(WIDGETS, a_widget(unique("w")))
    path = f"{WIDGETS}/{created.name}"
    kube.patch(path, {"spec": {"size": 4}})
    cluster.fault(kind="stale", method="GET", path="widgets", revisions=1, times=2)

    listed = kube.get(WIDGETS, labelSelector="!nothing")
    old = kube.get(path)
    new = kube.get(path)

    assert listed.version == created.version
    assert (old.version, old.body["spec"]["size"]) == (created.version, 2)
    assert new.body["spec"]["size"] == 4


def test_watches_are_dropped(cluster: EmbeddedCluster, kube: Kube) -> None:
    version = kube.get(WIDGETS).version
    with kube.watch(WIDGETS, resourceVersion=version) as events:
        cluster.drop_watches("widgets.test.podbook.dev")

        events.wait_end()


def test_a_watch_behind_the_kept_history_is_told_in_its_stream(
    cluster: EmbeddedCluster, kube: Kube
) -> None:
    version = kube.create(WIDGETS, a_widget(unique("w"))).version
    kube.create(WIDGETS, a_widget(unique("w")))
    cluster.compact()

    with kube.watch(WIDGETS, resourceVersion=version) as events:
        event = events.next()
        events.wait_end()

    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
    assert event["object"]["reason"] == "Expired"


def test_a_page_behind_the_kept_history_is_gone(cluster: EmbeddedCluster, kube: Kube) -> None:
    for _ in range(2):
        kube.create(WIDGETS, a_widget(unique("w")))
    token = kube.get(WIDGETS, limit=1).body["metadata"]["continue"]
    kube.create(WIDGETS, a_widget(unique("w")))
    cluster.compact()

    answer = kube.get(WIDGETS, limit=1, **{"continue": token})

    assert (answer.status, answer.body["reason"]) == (410, "Expired")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param({"kind": "drop", "type": "MODIFIED"}, "ADDED end", id="dropped"),
        pytest.param(
            {"kind": "duplicate", "type": "MODIFIED"},
            "ADDED MODIFIED MODIFIED end",
            id="duplicated",
        ),
        pytest.param({"kind": "reorder", "type": "ADDED"}, "MODIFIED ADDED end", id="reordered"),
        pytest.param(
            {"kind": "drop", "type": "MODIFIED", "after": 1},
            "ADDED MODIFIED end",
            id="one is spared",
        ),
        pytest.param(
            {"kind": "drop", "name": "another"}, "ADDED MODIFIED end", id="another object"
        ),
    ],
)
def test_events_are_broken(
    cluster: EmbeddedCluster, kube: Kube, fault: dict[str, Any], expected: str
) -> None:
    name, end = unique("w"), unique("end")
    version = kube.get(WIDGETS).version
    with kube.watch(WIDGETS, resourceVersion=version) as events:
        # The first event shows that the watch stands.
        kube.create(WIDGETS, a_widget(unique("first")))
        events.next()
        cluster.event_fault(resource="widgets.test.podbook.dev", **fault)
        kube.create(WIDGETS, a_widget(name))
        kube.patch(f"{WIDGETS}/{name}", {"spec": {"size": 4}})
        kube.create(WIDGETS, a_widget(end))
        seen = [kind if of == name else "end" for kind, of in events.types_until(end)]

    assert seen == expected.split()


@pytest.mark.parametrize("resource", ["widgets", "widgets.test.podbook.dev", ""])
def test_a_resource_is_meant_by_either_of_its_names(
    cluster: EmbeddedCluster, kube: Kube, resource: str
) -> None:
    version = kube.get(WIDGETS).version
    with kube.watch(WIDGETS, resourceVersion=version) as events:
        kube.create(WIDGETS, a_widget(unique("first")))
        events.next()
        cluster.event_fault(kind="drop", resource=resource, times=1)
        kube.create(WIDGETS, a_widget(unique("w")))
        end = unique("end")
        kube.create(WIDGETS, a_widget(end))
        assert events.types_until(end) == [("ADDED", end)]
        cluster.drop_watches(resource)
        events.wait_end()


@pytest.mark.parametrize(
    "fault", [{"event": {"kind": "drop", "resource": "widget"}}, {"dropWatches": "widget"}]
)
def test_a_fault_that_could_meet_nothing_is_refused(
    cluster: EmbeddedCluster, fault: dict[str, Any]
) -> None:
    status, answer = cluster.request("POST", "/_faults", fault)

    assert (status, "widget" in answer["message"]) == (400, True)


def test_an_event_is_delayed_past_its_successor(cluster: EmbeddedCluster, kube: Kube) -> None:
    first, second = unique("w"), unique("w")
    version = kube.get(WIDGETS).version
    with kube.watch(WIDGETS, resourceVersion=version) as events:
        kube.create(WIDGETS, a_widget(unique("first")))
        events.next()
        cluster.event_fault(kind="delay", name=first, seconds=0.5)
        kube.create(WIDGETS, a_widget(first))
        kube.create(WIDGETS, a_widget(second))

        assert events.types_until(first) == [("ADDED", second), ("ADDED", first)]


def test_requests_are_counted(cluster: EmbeddedCluster, kube: Kube) -> None:
    cluster.clear_counts()
    agent = {"User-Agent": "somebody/1.0 (x)"}
    name = unique("w")
    kube.request("POST", WIDGETS, a_widget(name), headers=agent)
    kube.request("GET", f"{WIDGETS}/{name}", headers=agent)
    kube.request("GET", f"{WIDGETS}/{name}/status", headers=agent)

    counts = [item for item in cluster.counts() if item["userAgent"] == "somebody"]

    assert {(item["verb"], item["resource"]): item["count"] for item in counts} == {
        ("POST", "widgets"): 1,
        ("GET", "widgets"): 1,
        ("GET", "widgets/status"): 1,
    }


def test_faults_are_off_unless_asked_for(cluster: EmbeddedCluster) -> None:
    from podbook_cluster.settings import parse

    assert parse(["--data-dir", "x"]).enable_faults is False
    assert cluster.request("GET", "/_faults")[0] == 200


def test_a_burst_of_writers_meets_no_lost_update(cluster: EmbeddedCluster, kube: Kube) -> None:
    created = kube.create(WIDGETS, a_widget(unique("w"), parameters={"count": 0}))
    path = f"{WIDGETS}/{created.name}"

    def count() -> None:
        for _ in range(20):
            while True:
                _, current = cluster.request("GET", path)
                current["spec"]["parameters"]["count"] += 1
                if cluster.request("PUT", path, current)[0] == 200:
                    break

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert kube.get(path).body["spec"]["parameters"]["count"] == 80
