"""The newest result for the parameters of an address, found without running anything."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from podbook_crds import names
from podbook_crds.call_rules import now_defaults
from podbook_crds.errors import InvalidContract
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

INPUT = {
    "type": "object",
    "properties": {
        "customer": {"type": "string"},
        "limit": {"type": "integer", "default": 10},
        "day": {"type": "string", "format": "date", "default": {"$now": "date", "offset": "-P1D"}},
        "key": {"type": "string", "writeOnly": True},
    },
    "required": ["customer"],
}
REPORT = {"maxAgeSeconds": 3600, "failureMaxAgeSeconds": 60}
PATH = "/v1/reports/shown/board"
NOW = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def board(cluster: EmbeddedCluster, api: RunningApi) -> RunningApi:
    apis.put_notebook(cluster, "board", id="shown/board", input=INPUT, report=REPORT, title="Sales")
    eventually(lambda: api.http.get("/v1/notebooks/shown/board").is_success, "it is served")
    return api


def run(api: RunningApi, **parameters: Any) -> str:
    path = "/v1/notebooks/shown/board/executions"
    name: str = api.http.post(path, json={"parameters": parameters}).json()["id"]
    return name


def state(api: RunningApi, query: str) -> dict[str, Any]:
    answer = api.http.get(f"{PATH}?{query}&podbook.view=state")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_address_leads_to_the_newest_result_for_its_parameters(
    cluster: EmbeddedCluster, board: RunningApi
) -> None:
    before = board.http.get("/v1/executions?notebook=shown/board").json()["items"]
    none = board.http.get(f"{PATH}?customer=7")
    assert (none.status_code, none.json()["type"]) == (404, "urn:podbook:problem:no-result")
    assert 'POST /v1/notebooks/shown/board/executions {"parameters": ' in none.json()["detail"]
    assert board.http.get("/v1/executions?notebook=shown/board").json()["items"] == before
    asked = state(board, "customer=7")
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    assert asked["parameters"] == {"customer": "7", "limit": 10, "day": yesterday}
    assert (asked["due"], asked["result"], asked["title"]) == (True, None, "Sales")

    first = run(board, customer="7")
    assert apis.resource(cluster, first)["spec"]["parameters"]["day"] == yesterday
    waiting = state(board, "customer=7")
    assert (waiting["running"]["id"], waiting["due"]) == (first, False)
    FakeRun(cluster, board, first).succeed(1)
    spelled = run(board, customer="7", limit=10, day=yesterday)
    FakeRun(cluster, board, spelled).succeed(2)
    other = run(board, customer="8")
    FakeRun(cluster, board, other).succeed(3)

    def leads_to(query: str) -> str:
        answer = board.http.get(f"{PATH}?{query}")
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    page = "/v1/executions/{}/artifacts/report.html"
    assert leads_to("customer=7") == page.format(spelled)
    assert leads_to("limit=10&customer=7") == page.format(spelled)
    assert leads_to("customer=8&podbook.embed=1") == page.format(other)
    assert state(board, "customer=7")["result"]["current"] is True
    kept = board.http.get(f"/v1/executions/{spelled}").json()
    older = board.http.get(f"/v1/executions/{first}").json()
    assert (kept["expiresAt"], older["expiresAt"] is None) == (None, False)


def test_a_run_that_failed_leaves_the_last_good_one_and_is_not_tried_again_at_once(
    cluster: EmbeddedCluster, board: RunningApi
) -> None:
    good = run(board, customer="9")
    FakeRun(cluster, board, good).succeed(1)
    bad = run(board, customer="9")
    end = {"phase": "Failed", "reason": "NotebookRaised", "message": "no"}
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    apis.write_status(cluster, bad, {**end, "finishedAt": now})
    eventually(lambda: state(board, "customer=9")["failed"], "it has failed")

    shown = state(board, "customer=9")

    assert (shown["result"]["id"], shown["failed"]["id"]) == (good, bad)
    assert (shown["running"], shown["due"]) == (None, False)
    assert datetime.fromisoformat(shown["dueAt"]) >= datetime.fromisoformat(now) + timedelta(
        seconds=60
    )


def test_a_label_that_lies_is_passed_over(cluster: EmbeddedCluster, board: RunningApi) -> None:
    true = run(board, customer="true")
    FakeRun(cluster, board, true).succeed(1)
    metadata = apis.resource(cluster, true)["metadata"]
    body = {
        "apiVersion": names.API_VERSION,
        "kind": names.EXECUTION_KIND,
        "metadata": {
            "name": "liar",
            "labels": metadata["labels"],
            "annotations": {names.NOTEBOOK_ID_ANNOTATION: "shown/board"},
        },
        "spec": {
            "notebook": apis.resource(cluster, true)["spec"]["notebook"],
            "parameters": {"customer": "false"},
        },
    }
    status, answer = cluster.request("POST", f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}", body)
    assert status == 201, answer
    FakeRun(cluster, board, "liar").succeed(2)

    assert state(board, "customer=true")["result"]["id"] == true


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        pytest.param("limit=x", 422, "/parameters/limit", id="of another type"),
        pytest.param("customer=1&custmer=2", 422, "/parameters/custmer", id="undeclared"),
        pytest.param("customer=1&customer=2", 422, "/parameters/customer", id="twice"),
        pytest.param("customer=1&key=x", 422, "/parameters/key", id="a secret in an address"),
    ],
)
def test_parameters_that_do_not_fit_are_named(
    board: RunningApi, query: str, status: int, pointer: str
) -> None:
    answer = board.http.get(f"{PATH}?{query}")

    assert answer.status_code == status
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


def test_a_notebook_that_is_none_has_no_reports(board: RunningApi) -> None:
    assert board.http.get("/v1/reports/nothing?x=1").status_code == 404


@pytest.mark.parametrize(
    ("default", "becomes"),
    [
        ({"$now": "date"}, "2026-03-01"),
        ({"$now": "date", "offset": "-P1D"}, "2026-02-28"),
        ({"$now": "date", "offset": "P1M"}, "2026-04-01"),
        ({"$now": "date", "timeZone": "America/New_York"}, "2026-02-28"),
        ({"$now": "date-time", "offset": "-PT30M"}, "2026-03-01T00:00:00+00:00"),
        ({"$now": "date-time", "timeZone": "Europe/Berlin"}, "2026-03-01T01:30:00+01:00"),
    ],
)
def test_a_default_means_a_moment(default: dict[str, str], becomes: str) -> None:
    schema: dict[str, Any] = {"properties": {"day": {"type": "string", "default": default}}}

    assert now_defaults.given({}, schema, NOW) == {"day": becomes}
    assert now_defaults.given({"day": "x"}, schema, NOW) == {"day": "x"}
    shown: Any = now_defaults.shown(schema, NOW)
    assert shown["properties"]["day"]["default"] == becomes


@pytest.mark.parametrize(
    "default",
    [
        {"$now": "year"},
        {"$now": "date", "offset": "yesterday"},
        {"$now": "date", "offset": "-P9999Y"},
        {"$now": "date", "timeZone": "Mars/Olympus"},
        {"$now": "date", "timezone": "UTC"},
        {"$now": "date", "timeZone": ["UTC"]},
    ],
)
def test_a_default_that_means_no_moment_is_named(default: dict[str, Any]) -> None:
    schema: dict[str, Any] = {"properties": {"day": {"default": default}}}

    with pytest.raises(InvalidContract, match="'day'"):
        now_defaults.check(schema, NOW)
