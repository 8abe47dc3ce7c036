"""The claim: which pods get their job, and what stands in it."""

import json
from typing import Any

import pytest

from podbook_crds import names
from podbook_crds.protocol import intake
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import jobs
from tests.support.jobs import CONTRACT, FILES

# One that is there: the garbage collector would take the pod of one that is not.
OWNED_BY_AN_ACCOUNT = [
    {"apiVersion": "v1", "kind": "ServiceAccount", "name": "default", "controller": True}
]


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    jobs.serve(cluster, api)


@pytest.fixture
def run(cluster: EmbeddedCluster, api: RunningApi) -> FakeRun:
    return jobs.queued(cluster, api)


def test_the_claim_hands_out_everything_that_was_pinned(
    cluster: EmbeddedCluster, run: FakeRun
) -> None:
    job = run.make_pod().claim()

    assert job["notebookId"] == "a/jobs"
    assert job["ipynb"]["path"] == "a/jobs.ipynb"
    assert json.loads(job["ipynb"]["text"]) == json.loads(apis.HELLO)
    assert {file["path"]: file["text"] for file in job["files"]} == {
        file["path"]: file["text"] for file in FILES
    }
    assert (job["attempt"], job["deadlineSeconds"], job["workdir"]) == (1, 77, "catalog")
    assert (job["input"], job["output"]) == (CONTRACT["input"], CONTRACT["output"])
    status = apis.resource(cluster, run.name)["status"]
    assert (status["phase"], status["reason"]) == ("Running", "CellsRunning")
    assert status["attempts"][0]["number"] == 1
    assert status["attempts"][0]["claimedAt"].endswith("Z")


def test_an_edit_after_the_call_never_reaches_the_run(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    apis.put_notebook(cluster, "edited", files=[{"path": "a.txt", "text": "before"}])
    eventually(lambda: api.http.get("/v1/notebooks/edited").is_success, "it is served")
    before = api.http.get("/v1/notebooks/edited").json()["digest"]
    name = api.http.post("/v1/notebooks/edited/executions", json={}).json()["id"]
    path = f"{apis.CUSTOM}/{names.NOTEBOOK_PLURAL}/edited"
    patch = {"spec": {"files": [{"path": "a.txt", "text": "after"}]}}
    cluster.request("PATCH", path, patch, content_type="application/merge-patch+json")
    eventually(
        lambda: api.http.get("/v1/notebooks/edited").json()["digest"] != before, "the edit is seen"
    )
    cluster.request("DELETE", path)

    job = FakeRun(cluster, api, name).make_pod().claim()

    assert job["files"][0]["text"] == "before"


def test_a_claim_whose_answer_was_lost_is_answered_again(
    cluster: EmbeddedCluster, run: FakeRun
) -> None:
    first = run.make_pod().claim()
    written = apis.resource(cluster, run.name)

    assert run.claim() == first
    assert apis.resource(cluster, run.name) == written


def test_a_claim_costs_four_requests_and_a_result_two(
    cluster: EmbeddedCluster, run: FakeRun
) -> None:
    run.make_pod()
    cluster.clear_counts()
    run.claim()
    run.upload("notebook.ipynb", apis.HELLO.encode(), "application/x-ipynb+json")
    run.result()

    made = {
        (count["verb"], count["resource"]): count["count"]
        for count in cluster.counts()
        if count["userAgent"].startswith("podbook-api")
    }
    assert made == {
        ("POST", "tokenreviews"): 1,
        ("GET", "pods"): 2,
        ("PATCH", "notebookexecutions/status"): 2,
    }


@pytest.mark.parametrize(
    ("attempts", "reason"),
    [
        pytest.param(
            [{"number": 1, "podUID": "other", "claimedAt": "2026-01-01T00:00:00.000000Z"}],
            "ClaimedByAnother",
            id="another pod runs this attempt",
        ),
        pytest.param(
            [{"number": 2, "podUID": "next", "claimedAt": "2026-01-01T00:00:00.000000Z"}],
            "Superseded",
            id="a later attempt runs",
        ),
        pytest.param(
            [{"number": 1, "podUID": "POD", "finishedAt": "2026-01-01T00:00:00.000000Z"}],
            "GivenUp",
            id="the operator saw this pod's end",
        ),
    ],
)
def test_a_pod_whose_turn_it_is_not_starts_no_cell(
    cluster: EmbeddedCluster, run: FakeRun, attempts: list[dict[str, Any]], reason: str
) -> None:
    run.make_pod()
    uid = cluster.request("GET", f"{apis.PODS}/{run.pod_name}")[1]["metadata"]["uid"]
    status = json.loads(json.dumps({"attempts": attempts}).replace("POD", uid))
    apis.write_status(cluster, run.name, {"phase": "Running", **status})

    answer = run.call("POST", intake.CLAIM_PATH)

    assert (answer.status_code, answer.json()["reason"]) == (410, reason)


def test_an_ended_attempt_does_not_bar_the_next(cluster: EmbeddedCluster, run: FakeRun) -> None:
    ended = {
        "number": 1,
        "podUID": "gone",
        "claimedAt": "2026-01-01T00:00:00.000000Z",
        "finishedAt": "2026-01-01T00:00:01.000000Z",
    }
    apis.write_status(cluster, run.name, {"phase": "Running", "attempts": [ended]})
    run.attempt = 2

    assert run.make_pod().claim()["attempt"] == 2

    attempts = apis.resource(cluster, run.name)["status"]["attempts"]
    assert [attempt["number"] for attempt in attempts] == [1, 2]


def test_a_pod_that_is_gone_or_going_claims_nothing(cluster: EmbeddedCluster, run: FakeRun) -> None:
    run.make_pod()
    cluster.request("DELETE", f"{apis.PODS}/{run.pod_name}", {"gracePeriodSeconds": 0})
    cluster.request("DELETE", f"{apis.PODS}/{run.pod_name}")

    answer = run.call("POST", intake.CLAIM_PATH)

    assert answer.status_code in (401, 410), answer.text
    assert apis.resource(cluster, run.name)["status"]["phase"] == "Queued"


def test_a_deleted_execution_is_not_run(cluster: EmbeddedCluster, run: FakeRun) -> None:
    run.make_pod()
    path = f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}/{run.name}"
    cluster.request("DELETE", path, {"propagationPolicy": "Orphan"})

    answer = run.call("POST", intake.CLAIM_PATH)

    # Which of the two is seen first: an orphan has no owner any more.
    assert answer.status_code == 410
    assert answer.json()["reason"] in {"ExecutionGone", "PodUnknown"}


def test_what_was_cancelled_before_the_claim_starts_no_cell(
    cluster: EmbeddedCluster, run: FakeRun
) -> None:
    run.make_pod()
    path = f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}/{run.name}"
    merge = "application/merge-patch+json"
    status, _ = cluster.request("PATCH", path, {"spec": {"cancel": True}}, content_type=merge)
    assert status == 200

    answer = run.call("POST", intake.CLAIM_PATH)

    assert (answer.status_code, answer.json()["reason"]) == (410, "Cancelling")


def test_other_tokens_are_refused(cluster: EmbeddedCluster, run: FakeRun) -> None:
    run.make_pod()
    pod = cluster.request("GET", f"{apis.PODS}/{run.pod_name}")[1]["metadata"]
    tokens = {
        "an audience that is not ours": run.token_of(pod["name"], pod["uid"], audience="other"),
        "no pod's": cluster.token,
        "nonsense": "nonsense",
    }
    for what, token in tokens.items():
        run.token = token
        assert run.call("POST", intake.CLAIM_PATH).status_code == 401, what


def test_content_that_is_gone_ends_the_execution_with_its_reason(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    gone = "sha256:" + "0" * 64
    name = apis.apply_execution(
        cluster, "pinned-to-nothing", {"notebook": {"name": "jobs", "digest": gone}}
    )

    answer = FakeRun(cluster, api, name).make_pod().call("POST", intake.CLAIM_PATH)

    assert (answer.status_code, answer.json()["reason"]) == (410, "NotebookChanged")
    status = apis.resource(cluster, name)["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "NotebookChanged")


def test_what_kubectl_applied_runs_the_version_that_the_operator_pinned(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    digest = api.http.get("/v1/notebooks/a/jobs").json()["digest"]
    name = apis.apply_execution(
        cluster, "by-kubectl", {"notebook": {"name": "jobs"}, "parameters": {"x": 2}}
    )

    pinned = {names.NOTEBOOK_DIGEST_ANNOTATION: digest}
    job = FakeRun(cluster, api, name).make_pod(**pinned).claim()

    assert job["parameters"] == '{"x": 2}'
    assert apis.resource(cluster, name)["status"]["notebookDigest"] == digest


def test_what_ended_by_its_record_is_not_run_again(
    cluster: EmbeddedCluster, api: RunningApi, run: FakeRun
) -> None:
    """As in a cluster that was set back to a backup of its etcd from before the end."""
    before = apis.resource(cluster, run.name)
    ended = {"phase": "Succeeded", "reason": "NotebookCompleted", "output": [1, None]}
    record = json.dumps({**before, "status": ended}).encode()
    folder = api.store / "executions" / before["metadata"]["uid"]
    folder.mkdir(parents=True)
    (folder / "execution.json").write_bytes(record)

    answer = run.make_pod().call("POST", intake.CLAIM_PATH)

    assert (answer.status_code, answer.json()["reason"]) == (410, "Final")
    status = apis.resource(cluster, run.name)["status"]
    assert {field: status[field] for field in ended} == ended


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("ownerReferences", [], id="nobody owns it"),
        pytest.param("ownerReferences", OWNED_BY_AN_ACCOUNT, id="something else owns it"),
        pytest.param("labels", {names.ATTEMPT_LABEL: "7"}, id="another attempt by its label"),
        pytest.param("labels", {names.ATTEMPT_LABEL: None}, id="no attempt by its label"),
        pytest.param("labels", {names.EXECUTION_LABEL: "other"}, id="another execution's"),
    ],
)
def test_a_pod_that_the_operator_did_not_make_claims_nothing(
    cluster: EmbeddedCluster, run: FakeRun, field: str, value: Any
) -> None:
    run.make_pod()
    path = f"{apis.PODS}/{run.pod_name}"
    account = "/api/v1/namespaces/default/serviceaccounts/default"
    uid = cluster.request("GET", account)[1]["metadata"]["uid"]
    value = [{**owner, "uid": uid} for owner in value] if field == "ownerReferences" else value
    patch = {"metadata": {field: value}}
    status, answer = cluster.request(
        "PATCH", path, patch, content_type="application/merge-patch+json"
    )
    assert status == 200, answer

    refused = run.call("POST", intake.CLAIM_PATH)

    assert (refused.status_code, refused.json()["reason"]) == (410, "PodUnknown")
    assert apis.resource(cluster, run.name)["status"]["phase"] == "Queued"


def test_a_running_execution_says_since_when_and_in_which_pod(
    cluster: EmbeddedCluster, api: RunningApi, run: FakeRun
) -> None:
    run.make_pod().claim()

    status = apis.resource(cluster, run.name)["status"]
    assert status["startedAt"] == status["attempts"][0]["startedAt"]
    assert status["attempts"][0]["pod"] == run.pod_name
    path = f"/v1/executions/{run.name}"
    eventually(lambda: api.http.get(path).json()["phase"] == "Running", "it is seen to run")
    assert api.http.get(path).json()["startedAt"] == status["startedAt"]


def test_kubectl_may_call_a_notebook_by_its_id(cluster: EmbeddedCluster, api: RunningApi) -> None:
    name = apis.apply_execution(cluster, "called-by-its-id", {"notebook": {"name": "a/jobs"}})

    job = FakeRun(cluster, api, name).make_pod().claim()

    assert job["notebookId"] == "a/jobs"
