"""The intake: who may claim, what is taken in, and which results make an execution final."""

import json
from typing import Any

import pytest

from podbook_crds import intake, names
from podbook_crds.content import blob_digest
from tests.support import api as apis
from tests.support.api import FakeRun, RunningApi
from tests.support.embedded import EmbeddedCluster

FILES = [{"path": "models.py", "text": "x = 1"}, {"path": "data/ü.csv", "text": "a;b"}]
CONTRACT: dict[str, Any] = {
    "input": {"type": "object", "properties": {"x": {}}},
    "output": {"type": "integer"},
    "files": FILES,
    "runtime": {"workdir": "catalog", "pythonPath": ["lib"]},
    "defaults": {"deadlineSeconds": 77},
}


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    apis.put_notebook(cluster, "jobs", id="a/jobs", **CONTRACT)
    apis.eventually(lambda: api.http.get("/v1/notebooks/a/jobs").is_success, "it is served")


@pytest.fixture
def run(cluster: EmbeddedCluster, api: RunningApi) -> FakeRun:
    answer = api.http.post("/v1/notebooks/a/jobs/executions", json={"parameters": {"x": 1}})
    return FakeRun(cluster, api, answer.json()["id"])


def applied(cluster: EmbeddedCluster, name: str, spec: dict[str, Any]) -> str:
    """Create an execution as kubectl would; return its name."""
    body = {
        "apiVersion": names.API_VERSION,
        "kind": names.EXECUTION_KIND,
        "metadata": {"name": name},
        "spec": spec,
    }
    path = f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}"
    status, answer = cluster.request("POST", path, body)
    assert status == 201, answer
    return name


def write_status(cluster: EmbeddedCluster, name: str, status: dict[str, Any]) -> None:
    path = f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}/{name}/status"
    code, answer = cluster.request(
        "PATCH", path, {"status": status}, content_type="application/merge-patch+json"
    )
    assert code == 200, answer


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
    apis.eventually(lambda: api.http.get("/v1/notebooks/edited").is_success, "it is served")
    before = api.http.get("/v1/notebooks/edited").json()["digest"]
    name = api.http.post("/v1/notebooks/edited/executions", json={}).json()["id"]
    path = f"{apis.CUSTOM}/{names.NOTEBOOK_PLURAL}/edited"
    patch = {"spec": {"files": [{"path": "a.txt", "text": "after"}]}}
    cluster.request("PATCH", path, patch, content_type="application/merge-patch+json")
    apis.eventually(
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
    write_status(cluster, run.name, {"phase": "Running", **status})

    answer = run.call("POST", intake.CLAIM_PATH)

    assert (answer.status_code, answer.json()["reason"]) == (410, reason)


def test_an_ended_attempt_does_not_bar_the_next(cluster: EmbeddedCluster, run: FakeRun) -> None:
    ended = {
        "number": 1,
        "podUID": "gone",
        "claimedAt": "2026-01-01T00:00:00.000000Z",
        "finishedAt": "2026-01-01T00:00:01.000000Z",
    }
    write_status(cluster, run.name, {"phase": "Running", "attempts": [ended]})
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

    assert (answer.status_code, answer.json()["reason"]) == (410, "ExecutionGone")


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
    name = applied(cluster, "pinned-to-nothing", {"notebook": {"name": "jobs", "digest": gone}})

    answer = FakeRun(cluster, api, name).make_pod().call("POST", intake.CLAIM_PATH)

    assert (answer.status_code, answer.json()["reason"]) == (410, "NotebookChanged")
    status = apis.resource(cluster, name)["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "NotebookChanged")


def test_what_kubectl_applied_runs_the_version_that_the_operator_pinned(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    digest = api.http.get("/v1/notebooks/a/jobs").json()["digest"]
    name = applied(cluster, "by-kubectl", {"notebook": {"name": "jobs"}, "parameters": {"x": 2}})

    pinned = {names.NOTEBOOK_DIGEST_ANNOTATION: digest}
    job = FakeRun(cluster, api, name).make_pod(**pinned).claim()

    assert job["parameters"] == '{"x": 2}'
    assert apis.resource(cluster, name)["status"]["notebookDigest"] == digest


def test_a_result_needs_its_artifacts_first(run: FakeRun) -> None:
    run.make_pod().claim()
    run.artifacts = [{"name": "output.json", "size": 1, "digest": blob_digest(b"1")}]

    answer = run.result()

    assert (answer.status_code, answer.json()) == (409, {"missing": ["output.json"]})
    run.artifacts = []
    run.upload("output.json", b"1", "application/json")
    assert run.result().json() == {"final": True}


def test_artifacts_that_were_lost_are_told_of(cluster: EmbeddedCluster, run: FakeRun) -> None:
    run.make_pod().claim()
    run.artifacts = [{"name": "output.json", "size": 1, "digest": blob_digest(b"1")}]

    assert run.result(artifactsLost=True).json() == {"final": True}

    conditions = apis.resource(cluster, run.name)["status"]["conditions"]
    assert [condition["type"] for condition in conditions] == ["Finished", "ArtifactsLost"]


def test_an_artifact_is_kept_only_with_the_bytes_that_it_says(run: FakeRun) -> None:
    run.make_pod().claim()
    headers = {intake.DIGEST_HEADER: blob_digest(b"other")}

    answer = run.call("PUT", f"{intake.ARTIFACTS_PATH}/a.txt", content=b"bytes", headers=headers)

    assert answer.status_code == 422
    assert run.api.http.get(f"/v1/executions/{run.name}/artifacts/a.txt").status_code == 404


@pytest.mark.parametrize(
    "name", ["../../blobs/x", "%2e%2e/%2e%2e/x", "a//b", "execution.json", "a%00b", "x" * 300]
)
def test_artifacts_stay_in_their_folder(run: FakeRun, name: str) -> None:
    run.make_pod().claim()
    headers = {intake.DIGEST_HEADER: blob_digest(b"x")}

    answer = run.call("PUT", f"{intake.ARTIFACTS_PATH}/{name}", content=b"x", headers=headers)

    assert answer.status_code in (404, 422), answer.text


def test_artifacts_and_results_of_who_never_claimed_are_refused(run: FakeRun) -> None:
    run.make_pod()
    headers = {intake.DIGEST_HEADER: blob_digest(b"x")}

    answer = run.call("PUT", f"{intake.ARTIFACTS_PATH}/a.txt", content=b"x", headers=headers)

    assert (answer.status_code, answer.json()["reason"]) == (410, "NotClaimed")
    assert run.result().json()["reason"] == "NotClaimed"


def test_a_result_whose_answer_was_lost_is_answered_again(
    cluster: EmbeddedCluster, run: FakeRun
) -> None:
    run.succeed(1)
    written = apis.resource(cluster, run.name)

    assert run.result().json() == {"final": True}
    assert apis.resource(cluster, run.name) == written


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({}, "KernelDied", id="why a kernel died is seen at its container"),
        pytest.param({"interrupted": True}, "NotebookRaised", id="it was told to end"),
    ],
)
def test_what_the_result_alone_does_not_decide_is_left_to_the_operator(
    cluster: EmbeddedCluster, run: FakeRun, fields: dict[str, Any], reason: str
) -> None:
    run.make_pod().claim()

    assert run.result(reason, **fields).json() == {"final": False}
    assert apis.resource(cluster, run.name)["status"]["phase"] == "Running"


def test_progress_is_shown_while_it_runs(run: FakeRun) -> None:
    run.make_pod().claim()
    body = {"cellsTotal": 3, "cellsCompleted": 1, "cell": 1}

    assert run.call("POST", intake.PROGRESS_PATH, json=body).status_code == 204

    shown = run.api.http.get(f"/v1/executions/{run.name}").json()
    assert shown["cells"] == {"total": 3, "completed": 1}


def test_blobs_are_handed_out_by_their_digest(run: FakeRun) -> None:
    job = run.make_pod().claim()
    digest = job["files"][0]["digest"]

    answer = run.call("GET", f"{intake.BLOBS_PATH}/{digest}")

    assert answer.content == job["files"][0]["text"].encode()
    for other in ("sha256:" + "0" * 64, "..%2f..%2fx", "sha256:..", "x"):
        assert run.call("GET", f"{intake.BLOBS_PATH}/{other}").status_code == 404
