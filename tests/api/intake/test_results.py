"""Artifacts, progress and results: what the intake takes in, and what makes a run final."""

from typing import Any

import pytest

from podbook_crds.content import blob_digest
from podbook_crds.protocol import intake
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from tests.support import jobs


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    jobs.serve(cluster, api)


@pytest.fixture
def run(cluster: EmbeddedCluster, api: RunningApi) -> FakeRun:
    return jobs.queued(cluster, api)


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
    assert [condition["type"] for condition in conditions] == [
        "Finished",
        "Complete",
        "ArtifactsLost",
    ]


def test_what_is_worth_knowing_of_a_run_stands_in_its_status_and_its_answer(
    cluster: EmbeddedCluster, run: FakeRun
) -> None:
    skipped = {"type": "urn:podbook:warning:cells-skipped", "detail": "2 cells", "cell": 1}
    tomorrow = {"type": "urn:podbook:warning:of-tomorrow", "detail": "?", "newer": True}
    run.make_pod().claim()

    run.result(warnings=[skipped, tomorrow])

    told = [skipped, {"type": tomorrow["type"], "detail": "?"}]
    assert apis.resource(cluster, run.name)["status"]["warnings"] == told
    assert run.api.http.get(f"/v1/executions/{run.name}").json()["warnings"] == told


def test_only_what_was_stored_is_listed_with_a_size_and_a_digest(run: FakeRun) -> None:
    run.make_pod().claim()
    run.upload("output.json", b"1", "application/json")
    run.result()

    listed = run.api.http.get(f"/v1/executions/{run.name}").json()["artifacts"]

    known = {a["name"]: (a.get("size"), a.get("digest")) for a in listed}
    assert known["output.json"] == (1, blob_digest(b"1"))
    assert known["notebook.html"] == known["report.html"] == (None, None)


@pytest.mark.parametrize("reason", ["OutputInvalid", "NotebookCompleted"])
def test_every_place_where_an_output_does_not_fit_is_listed_for_programs(
    cluster: EmbeddedCluster, run: FakeRun, reason: str
) -> None:
    found = [
        {"pointer": "/output/rating", "message": "'high' is not of type 'integer'"},
        {"pointer": "/output", "message": "'when' is a required property"},
    ]
    run.make_pod().claim()

    run.result(reason, output={"rating": "high"}, hasOutput=True, violations=found)

    view = run.api.http.get(f"/v1/executions/{run.name}").json()
    assert view["violations"] == [
        {"pointer": "/output/rating", "detail": "'high' is not of type 'integer'"},
        {"pointer": "/output", "detail": "'when' is a required property"},
    ]
    assert apis.resource(cluster, run.name)["status"]["violations"] == found


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

    assert answer.status_code in (400, 404, 422), answer.text


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
    listed = run.api.http.get("/v1/executions?phase=Running").json()["items"]
    assert [one["cells"] for one in listed if one["id"] == run.name] == [shown["cells"]]


def test_events_say_how_far_it_is_and_the_last_ones_leave_that_to_the_result(run: FakeRun) -> None:
    run.make_pod().claim()

    def tell(first: int, **said: str) -> object:
        asked = "".join(f"&{name}={value}" for name, value in said.items())
        path = f"{intake.EVENTS_PATH}?first={first}&stored={first - 1}{asked}"
        assert run.call("POST", path, content=b'{"type":"n"}\n').status_code == 200
        return run.api.http.get(f"/v1/executions/{run.name}").json()["cells"]

    assert tell(1, total="4", completed="2", cell="5") == {"total": 4, "completed": 2}
    assert tell(2) == {"total": 4, "completed": 2}
    assert tell(3, total="4", completed="4", last="true") == {"total": 4, "completed": 2}


def test_a_large_artifact_is_kept_whole(run: FakeRun) -> None:
    run.make_pod().claim()
    data = bytes(range(256)) * 40_000

    run.upload("files/large.bin", data, "application/octet-stream")

    assert run.result().json() == {"final": True}
    answer = run.api.http.get(f"/v1/executions/{run.name}/artifacts/files/large.bin")
    assert answer.content == data


def test_artifacts_that_another_replica_took_in_are_not_missing(
    run: FakeRun, other_api: RunningApi
) -> None:
    run.make_pod().claim()
    run.upload("notebook.ipynb", apis.HELLO.encode(), "application/x-ipynb+json")
    run.api = other_api

    assert run.result().json() == {"final": True}
