"""Podbook's own definitions and policy, from the YAML that ships."""

from collections.abc import Iterator
from typing import Any

import pytest

from podbook_crds import names
from rig.kube_client import JSON_PATCH, Kube, unique
from tests.support.podbook_kinds import an_account, an_execution, in_force

_SIGNED = (names.CREATED_BY_ANNOTATION, names.CANCELLED_BY_ANNOTATION)


@pytest.fixture(scope="module")
def executions(kube: Kube) -> Iterator[str]:
    yield from in_force(kube)


def test_a_new_execution_is_queued(kube: Kube, executions: str) -> None:
    created = kube.create(executions, an_execution(parameters={"customer": "x", "n": [1, None]}))

    assert created.body["status"] == {"phase": "Queued"}
    assert created.body["spec"]["parameters"] == {"customer": "x", "n": [1, None]}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        pytest.param(
            {"notebook": {"name": "a", "ipynb": "{}"}},
            "notebook holds exactly one of name, ipynb and blob",
            id="two sources",
        ),
        pytest.param(
            {"notebook": {}},
            "notebook holds exactly one of name, ipynb and blob",
            id="no source",
        ),
        pytest.param(
            {"parameters": {"x = 1; import os": 1}},
            "a parameter's name is an identifier",
            id="code for a name",
        ),
        pytest.param({"parameters": {"class": 1}}, "is not a keyword", id="a keyword for a name"),
    ],
)
def test_what_is_refused_at_creation(
    kube: Kube, executions: str, spec: dict[str, Any], message: str
) -> None:
    answer = kube.request("POST", executions, an_execution(**spec))

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert message in answer.body["message"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"notebook": {"name": "other"}}, "notebook is immutable", id="notebook"),
        pytest.param({"parameters": {"a": 2}}, "parameters is immutable", id="parameters"),
        pytest.param({"parameters": None}, "parameters is immutable", id="no parameters"),
        pytest.param({"deadlineSeconds": 5}, "deadlineSeconds is immutable", id="deadline"),
        pytest.param({"cancel": False}, "cancel, once true, stays true", id="cancel"),
    ],
)
def test_what_never_changes(
    kube: Kube, executions: str, change: dict[str, Any], message: str
) -> None:
    created = kube.create(executions, an_execution(parameters={"a": 1}, cancel=True))

    answer = kube.patch(f"{executions}/{created.name}", {"spec": change})

    assert answer.status == 422
    assert message in answer.body["message"]


def test_cancelling_is_allowed(kube: Kube, executions: str) -> None:
    created = kube.create(executions, an_execution())

    answer = kube.patch(f"{executions}/{created.name}", {"spec": {"cancel": True}})

    assert (answer.status, answer.body["metadata"]["generation"]) == (200, 2)


@pytest.mark.parametrize(
    "status",
    [
        pytest.param({"phase": "Failed"}, id="another phase"),
        pytest.param({"phase": "Running"}, id="back"),
        pytest.param({"reason": "NotebookRaised"}, id="another reason"),
        pytest.param({"finishedAt": "2026-01-02T03:04:06.000000Z"}, id="another end"),
        pytest.param({"phase": None}, id="no phase"),
        pytest.param(None, id="no status"),
    ],
)
def test_what_is_final_stays(kube: Kube, executions: str, status: dict[str, Any] | None) -> None:
    created = kube.create(executions, an_execution())
    path = f"{executions}/{created.name}/status"
    final = {
        "phase": "Succeeded",
        "reason": "NotebookCompleted",
        "finishedAt": "2026-01-02T03:04:05.000000Z",
        "output": {"needs_discount": False, "nothing": None},
    }
    patch = [
        {"op": "test", "path": "/metadata/resourceVersion", "value": created.version},
        {"op": "add", "path": "/status", "value": final},
    ]
    written = kube.patch(path, patch, JSON_PATCH)

    answer = kube.patch(path, {"status": status})

    assert written.body["status"]["output"] == final["output"]
    assert answer.status == 422
    assert "a final phase, its reason and its finishedAt never change" in answer.body["message"]
    assert kube.get(f"{executions}/{created.name}").body["status"]["phase"] == "Succeeded"


def test_executions_are_found_by_phase_and_notebook(kube: Kube, executions: str) -> None:
    name = unique("n")
    created = kube.create(executions, an_execution(notebook={"name": name}))

    found = kube.get(executions, fieldSelector=f"status.phase=Queued,spec.notebook.name={name}")

    assert [item["metadata"]["name"] for item in found.body["items"]] == [created.name]


def _account(kube: Kube, executions: str, *verbs: str) -> str:
    """Return the token of an account that has the verbs on executions."""
    writes = {"resources": [names.EXECUTION_PLURAL], "verbs": [*verbs]}
    executes = {"resources": [names.NOTEBOOK_PLURAL], "verbs": [names.EXECUTE_VERB]}
    return an_account(
        kube, [writes, executes], in_force=lambda user: user.get(executions).status == 200
    )


@pytest.fixture(scope="module")
def user(kube: Kube, executions: str) -> Iterator[Kube]:
    """Somebody who may do everything with executions that RBAC has a verb for."""
    verbs = ("get", "list", "create", "update", "patch", "delete")
    with kube.as_user(_account(kube, executions, *verbs)) as user:
        yield user


@pytest.fixture(scope="module")
def speaker(kube: Kube, executions: str) -> Iterator[Kube]:
    """Podbook's API, as the chart has it."""
    verbs = ("get", "list", "create", "patch", names.ATTRIBUTE_VERB)
    with kube.as_user(_account(kube, executions, *verbs)) as speaker:
        yield speaker


def _signed(**annotations: str | None) -> dict[str, Any]:
    made = an_execution()
    made["metadata"]["annotations"] = annotations
    return made


@pytest.mark.parametrize("key", _SIGNED)
def test_nobody_else_writes_it(kube: Kube, executions: str, user: Kube, key: str) -> None:
    forged = user.request("POST", executions, _signed(**{key: "root"}))

    assert (forged.status, forged.body["reason"]) == (403, "Forbidden")
    assert f"{key} is written by Podbook's API alone" in forged.body["message"]
    made = user.create(executions, _signed(other="mine")).body
    path = f"{executions}/{made['metadata']['name']}"
    late = user.patch(path, {"metadata": {"annotations": {key: "root"}}})
    assert (late.status, late.body["reason"]) == (403, "Forbidden")
    made["metadata"]["annotations"][key] = "root"
    assert user.put(path, made).status == 403
    assert key not in kube.get(path).body["metadata"]["annotations"]


def test_who_makes_it_may_say_so_once_and_of_nobody_else(
    kube: Kube, executions: str, user: Kube
) -> None:
    key, asked = names.CREATED_BY_ANNOTATION, "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    me = user.create(asked, review).body["status"]["userInfo"]["username"]

    made = user.create(executions, _signed(**{key: me})).body
    late = user.create(executions, an_execution()).body["metadata"]["name"]

    path = f"{executions}/{made['metadata']['name']}"
    assert kube.get(path).body["metadata"]["annotations"][key] == me
    for changed, where in ((None, path), (me, f"{executions}/{late}")):
        answer = user.patch(where, {"metadata": {"annotations": {key: changed}}})
        assert (answer.status, answer.body["reason"]) == (403, "Forbidden")


@pytest.mark.parametrize("key", _SIGNED)
def test_once_written_it_stays_and_hinders_nothing_else(
    executions: str, user: Kube, speaker: Kube, key: str
) -> None:
    path = f"{executions}/" + str(
        speaker.create(executions, _signed(**{key: "ann"})).body["metadata"]["name"]
    )

    for annotations in ({key: "bob"}, {key: None}, {key: ""}):
        assert user.patch(path, {"metadata": {"annotations": annotations}}).status == 403
    assert user.patch(path, {"metadata": {"annotations": None}}).status == 403
    others = {"metadata": {"annotations": {"other": "x"}}, "spec": {"cancel": True}}
    changed = user.patch(path, others)
    assert (changed.status, changed.body["metadata"]["annotations"][key]) == (200, "ann")
    assert user.delete(path).status == 200
