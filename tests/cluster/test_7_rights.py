"""The chart's roles are as wide as what Podbook does, and hardly wider: by the audit log."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from rig.ipynb import notebook
from tests.cluster import commands, place
from tests.cluster.installed import NAMESPACE, RUNS, Installed, get, kubectl
from tests.cluster.receiver import receiving

ACCOUNTS = {
    f"system:serviceaccount:{NAMESPACE}:podbook-{part}": part for part in ("api", "operator")
}
# Right that an ordinary run does not use -> why it is there.
SELDOM = {
    ("operator", "get", "notebooks"): "asked where the view of it is doubted",
    ("operator", "get", "pods"): "asked where the view of it is doubted",
    ("operator", "delete", "notebookexecutions"): "their time is over",
    ("operator", "get", "controllerrevisions"): "a version that waits is in the catalog no more",
    ("operator", "delete", "controllerrevisions"): "no run waits for that version any more",
    ("operator", "patch", "events"): "one that repeats is counted",
    ("api", "delete", "notebookexecutions"): "a caller says so",
    ("api", "patch", "notebooks"): "a caller has pods that wait made anew",
    ("api", "attribute", "notebookexecutions"): "no request: the admission policy asks for it",
    ("api", "execute", "notebooks"): "no request: the admission policy asks for it",
    # With one replica nobody else holds it: it is created once, then renewed.
    ("operator", "create", "leases"): "the first time ever",
}
# They belong to no namespace.
REVIEWS = ("tokenreviews", "subjectaccessreviews")

Right = tuple[str, str, str]


@pytest.fixture(scope="module", autouse=True)
def _ordinary_runs(podbook: Installed) -> None:
    """One of each kind that asks for something of its own: told, not found, cancelled, failed."""
    podbook.put("ordinary", notebook("1"))
    podbook.put("long", notebook("import time\ntime.sleep(600)"))
    podbook.put("failing", notebook("1 / 0"))
    with receiving() as receiver:
        hook = {"url": receiver.url, "secret": "whsec_" + "c2VjcmV0" * 5}
        path = "/v1/notebooks/ordinary/executions"
        name = podbook.http.post(path, json={"webhook": hook}).json()["id"]
        commands.until(lambda: bool(receiver.told), f"{name} told", seconds=180)
    # Before a caller is told that there is none, the cluster itself is asked.
    for path in ("/v1/notebooks/there-is-none", "/v1/executions/there-is-none"):
        assert podbook.http.get(path).status_code == 404
    podbook.put("waited-for", notebook("1"), warm={"min": 1, "max": 1})
    waits = ("get", "pods", "-n", RUNS, "-l", "podbook.dev/warm=idle", "-ojson")
    commands.until(lambda: "podbook.dev/prepared" in kubectl(*waits), "a pod waits", seconds=180)
    podbook.post("waited-for")
    kubectl("delete", "notebook", "-n", RUNS, "waited-for")
    long = podbook.http.post("/v1/notebooks/long/executions", json={}).json()["id"]
    podbook.http.post(f"/v1/executions/{long}/cancel")
    commands.until(
        lambda: get("nbx", long)["status"]["phase"] == "Cancelled", "cancelled", seconds=180
    )
    failed = podbook.post("failing")["id"]
    assert podbook.http.get(f"/v1/executions/{failed}/pod-events").status_code == 200
    about = ("--field-selector", f"involvedObject.name={failed}", "-oname")
    commands.until(
        lambda: bool(kubectl("get", "events", "-n", RUNS, *about)), "an event of it", seconds=180
    )


def test_no_request_of_ours_lacked_a_right() -> None:
    """By RBAC alone: a pod that a quota or Pod Security refuses is answered with 403 as well.

    An API server that was just started again refuses for a moment what its roles allow.
    """
    allowed = _allowed()

    assert [line["requestURI"] for line in _ours() if _is_forbidden(line, allowed)] == []


def test_every_right_is_used_or_has_its_reason() -> None:
    allowed = _allowed()
    assert len(allowed) > len(SELDOM)

    def unused() -> set[Right]:
        return allowed - {_right(line) for line in _ours() if "objectRef" in line}

    # A request may be answered before it is in the log.
    with suppress(commands.NotInTime):
        commands.until(lambda: unused() <= set(SELDOM), "every right in the log", seconds=30)
    assert unused() <= set(SELDOM)


def _is_forbidden(line: dict[str, Any], allowed: set[Right]) -> bool:
    if line.get("annotations", {}).get("authorization.k8s.io/decision") != "forbid":
        return False
    about = line.get("objectRef", {})
    within = about.get("namespace") in (RUNS, NAMESPACE) or about.get("resource") in REVIEWS
    return not within or _right(line) not in allowed


def _ours() -> Iterator[dict[str, Any]]:
    for line in place.AUDIT_LOG.read_text().splitlines():
        request: dict[str, Any] = json.loads(line)
        if request["user"].get("username") in ACCOUNTS:
            yield request


def _right(line: dict[str, Any]) -> Right:
    about = line["objectRef"]
    what = "/".join(filter(None, (about["resource"], about.get("subresource"))))
    return ACCOUNTS[line["user"]["username"]], line["verb"], what


def _allowed() -> set[Right]:
    return {right for role in _roles() for right in _rights(role)}


def _roles() -> list[dict[str, Any]]:
    found = []
    for kind in (f"role -n {RUNS}", f"role -n {NAMESPACE}", "clusterrole"):
        listed = kubectl("get", *kind.split(), "-l", "app.kubernetes.io/name=podbook", "-ojson")
        found += json.loads(listed)["items"]
    return [role for role in found if _part(role) in ACCOUNTS.values()]


def _part(role: dict[str, Any]) -> str:
    part: str = role["metadata"]["labels"]["app.kubernetes.io/component"]
    return part


def _rights(role: dict[str, Any]) -> Iterator[Right]:
    part = _part(role)
    for rule in role["rules"]:
        for resource in rule["resources"]:
            for verb in rule["verbs"]:
                yield part, verb, resource
