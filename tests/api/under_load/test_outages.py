"""The API gets over whatever its cluster does to it."""

import concurrent.futures
import json
import signal
from collections.abc import Iterator

import httpx
import pytest

from podbook_crds import names
from podbook_crds.protocol import intake
from rig import api as apis
from rig import embedded
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import customers
from tests.support.customers import created, post

NOTEBOOK = f"{apis.CUSTOM}/{names.NOTEBOOK_PLURAL}"
EXECUTIONS = f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}"


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    folder = tmp_path_factory.mktemp("frail") / "data"
    with embedded.running(folder, embedded.PLAYED) as running:
        yield running


@pytest.fixture(scope="module")
def served(
    frail: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApi]:
    with apis.running(frail, tmp_path_factory.mktemp("frail-api") / "api") as running:
        customers.serve(frail, running)
        yield running


@pytest.fixture(autouse=True)
def _behaves_again(frail: EmbeddedCluster) -> Iterator[None]:
    yield
    frail.clear_faults()


def test_what_happened_while_the_watch_was_down_is_known_afterwards(
    frail: EmbeddedCluster, served: RunningApi
) -> None:
    gone, stays = created(served), created(served)
    apis.put_notebook(frail, "vanishing")
    assert served.http.get("/v1/notebooks/vanishing").is_success
    frail.fault(kind="status", path="watch=true", times=2, code=503)
    frail.drop_watches()
    frail.request("DELETE", f"{EXECUTIONS}/{gone}")
    frail.request("DELETE", f"{NOTEBOOK}/vanishing")
    frail.compact()

    eventually(
        lambda: served.http.get(f"/v1/executions/{gone}").status_code == 404, "it is gone here too"
    )
    eventually(
        lambda: served.http.get("/v1/notebooks/vanishing").status_code == 404, "so is the notebook"
    )
    listed = [item["id"] for item in served.http.get("/v1/executions").json()["items"]]
    assert gone not in listed
    assert stays in listed


def test_what_was_deleted_is_gone_before_the_watch_tells_of_it(
    frail: EmbeddedCluster, served: RunningApi
) -> None:
    name = created(served)
    frail.event_fault(kind="drop", resource=names.EXECUTION_PLURAL, type="DELETED", times=0)

    assert served.http.delete(f"/v1/executions/{name}").status_code == 204

    assert served.http.get(f"/v1/executions/{name}").status_code == 404
    listed = [item["id"] for item in served.http.get("/v1/executions").json()["items"]]
    assert name not in listed


def test_an_end_that_the_watch_dropped_is_found(frail: EmbeddedCluster, served: RunningApi) -> None:
    name = created(served)
    frail.event_fault(kind="drop", resource=names.EXECUTION_PLURAL, type="MODIFIED", times=1)
    apis.write_status(frail, name, {"phase": "Failed", "reason": "PodLost"})
    frail.drop_watches(names.EXECUTION_PLURAL)
    frail.compact()

    answer = served.http.get(f"/v1/executions/{name}?wait=20")

    assert answer.json()["reason"] == "PodLost"


@pytest.mark.parametrize("kind", ["lose-answer", "cut"])
def test_an_answer_that_was_lost_neither_loses_nor_doubles_a_call(
    frail: EmbeddedCluster, served: RunningApi, kind: str
) -> None:
    before = len(frail.request("GET", EXECUTIONS)[1]["items"])
    frail.fault(kind=kind, method="POST", path=names.EXECUTION_PLURAL, times=2)

    answer = post(served)

    assert answer.status_code == 202, answer.text
    assert len(frail.request("GET", EXECUTIONS)[1]["items"]) == before + 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "code": 409, "times": 3},
        {"kind": "status", "code": 503, "times": 1},
        {"kind": "lose-answer", "times": 1},
    ],
    ids=["others were faster", "unavailable", "the answer was lost"],
)
def test_a_run_gets_over_writes_that_fail(
    frail: EmbeddedCluster, served: RunningApi, fault: dict[str, object]
) -> None:
    run = FakeRun(frail, served, created(served)).make_pod()
    for path in (intake.CLAIM_PATH, intake.RESULT_PATH):
        frail.fault(method="PATCH", path="status", **fault)

        def again(path: str = path) -> bool:
            body = {"reason": "NotebookCompleted"} if path == intake.RESULT_PATH else None
            answer = run.call("POST", path, json=body)
            assert answer.status_code in (200, 503), answer.text
            return answer.status_code == 200

        eventually(again, "it is taken in")

    status = apis.resource(frail, run.name)["status"]
    assert (status["phase"], len(status["attempts"])) == ("Succeeded", 1)


def test_what_the_operator_wrote_meanwhile_is_not_overwritten(
    frail: EmbeddedCluster, served: RunningApi
) -> None:
    run = FakeRun(frail, served, created(served)).make_pod()
    frail.fault(kind="delay", method="PATCH", path="status", seconds=1.0)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        claiming = pool.submit(run.call, "POST", intake.CLAIM_PATH)
        end = {
            "phase": "Cancelled",
            "reason": "Cancelled",
            "finishedAt": "2026-01-01T00:00:00.000000Z",
        }
        eventually(lambda: bool(claiming.running()), "the claim is on its way")
        apis.write_status(frail, run.name, end)
        answer = claiming.result(60)

    assert answer.status_code in (200, 410)
    status = apis.resource(frail, run.name)["status"]
    assert status["phase"] == "Cancelled"


def test_reads_go_on_while_the_cluster_is_away_and_calls_are_told_to_come_again(
    frail: EmbeddedCluster, served: RunningApi
) -> None:
    name = created(served)
    frail.kill()

    assert served.http.get(f"/v1/executions/{name}").json()["id"] == name
    assert name in [item["id"] for item in served.http.get("/v1/executions").json()["items"]]
    refused = post(served)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert served.http.get("/v1/executions/never-was").status_code == 503

    frail.restart()
    eventually(lambda: post(served).status_code == 202, "calls are taken again")
    apis.write_status(frail, name, {"phase": "Failed", "reason": "PodLost"})
    assert served.http.get(f"/v1/executions/{name}?wait=20").json()["reason"] == "PodLost"


def test_a_call_that_waits_long_is_kept_alive(
    frail: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("silent") / "api"
    aliases = '{"lsst": "r-kernel"}'
    with apis.running(
        frail, folder, PODBOOK_SILENCE_SECONDS="0.05", PODBOOK_KERNEL_ALIASES=aliases
    ) as api:
        body = {"notebook": "customers", "parameters": {"customer_name": "microsoft"}}
        with api.http.stream("POST", "/api/NotebookExecutions", json=body) as answer:
            chunks = answer.iter_raw()
            blanks = [next(chunks), next(chunks)]
            name = api.http.get("/v1/executions?limit=1").json()["items"][0]["id"]
            FakeRun(frail, api, name).succeed({})
            rest = b"".join(chunks)

        assert (answer.status_code, set(b"".join(blanks))) == (200, {ord(" ")})
        assert json.loads(b"".join(blanks) + rest) == {"id": name, "status": "COMPLETED", **body}
        job = api.http.post("/noteburst/v1/notebooks/", json={"ipynb": apis.HELLO}).json()
        spec = apis.resource(frail, job["job_id"])["spec"]
        assert (job["kernel_name"], spec["runtime"]["kernel"]) == ("LSST", "r-kernel")


def test_an_api_that_stops_does_not_call_a_run_failed_that_goes_on(
    frail: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("stopping") / "api"
    with apis.running(frail, folder, PODBOOK_SILENCE_SECONDS="0.05") as api:
        body = {"notebook": "customers", "parameters": {"customer_name": "microsoft"}}
        with api.http.stream("POST", "/api/NotebookExecutions", json=body) as answer:
            chunks = answer.iter_raw()
            told = [next(chunks)]
            api.process.send_signal(signal.SIGTERM)
            with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
                told.extend(chunks)

        assert api.process.wait(60) == 0
        assert set(b"".join(told)) == {ord(" ")}
        # So many as come in a moment, not in a loop that never waits.
        assert len(b"".join(told)) < 10_000
