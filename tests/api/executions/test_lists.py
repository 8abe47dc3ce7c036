"""Lists of executions: newest or oldest first, page by page, narrowed down."""

from typing import Any

import pytest

from podbook_crds import names
from rig.api import CUSTOM, FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import customers
from tests.support.customers import created


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi) -> None:
    customers.serve(cluster, api, other_api)


def test_pages_are_newest_first_and_stand_still_while_more_is_created(api: RunningApi) -> None:
    made = [created(api) for _ in range(5)]

    def page(**query: Any) -> dict[str, Any]:
        answer = api.http.get("/v1/executions", params={"limit": 2, **query})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    first = page()
    created(api)
    second = page(**{"continue": first["continue"]})
    third = page(**{"continue": second["continue"]})
    listed = [item["id"] for item in (*first["items"], *second["items"], *third["items"])]
    assert listed[:5] == made[::-1]


def test_pages_are_oldest_first_where_that_is_asked_for(api: RunningApi) -> None:
    made = [created(api) for _ in range(3)]
    since = api.http.get(f"/v1/executions/{made[0]}").json()["createdAt"]
    query = {"order": "oldest", "since": since, "limit": 2}
    path = "/v1/notebooks/customers/executions"

    first = api.http.get("/v1/executions", params=query).json()
    late = created(api)
    second = api.http.get(path, params={**query, "continue": first["continue"]}).json()

    listed = [item["id"] for item in (*first["items"], *second["items"])]
    assert listed == [*made, late]
    refused = api.http.get("/v1/executions", params={"order": "slowest"})
    assert refused.status_code == 422
    assert "order" in refused.text
    assert "oldest" in refused.text


def test_lists_can_be_narrowed_to_a_notebook_and_a_phase(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    name = created(api)
    FakeRun(cluster, api, name).succeed()
    created(api)

    query = {"notebook": "customers", "phase": "Succeeded", "limit": "1"}
    items = api.http.get("/v1/executions", params=query).json()["items"]

    assert [item["id"] for item in items] == [name]
    assert api.http.get("/v1/executions?phase=Done").status_code == 422


@pytest.mark.parametrize(
    "token", ["nonsense", "no token", "bm8AdG9rZW4", "", "20260101000000000000-", "1-a\n"]
)
def test_a_page_that_nobody_gave_is_refused(api: RunningApi, token: str) -> None:
    answer = api.http.get("/v1/executions", params={"continue": token})

    assert answer.status_code == 422
    assert "continue is what an earlier page gave" in answer.json()["detail"]


def test_a_submission_time_that_is_none_puts_nothing_first(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    forged = created(api)
    written = {"metadata": {"annotations": {names.SUBMITTED_ANNOTATION: "zzz"}}}
    path, kind = f"{CUSTOM}/{names.EXECUTION_PLURAL}/{forged}", "application/merge-patch+json"
    assert cluster.request("PATCH", path, written, content_type=kind)[0] == 200
    last = created(api)

    def listed() -> list[str]:
        return [item["id"] for item in api.http.get("/v1/executions").json()["items"]]

    eventually(lambda: last in listed(), "the last one is listed")
    assert listed().index(last) < listed().index(forged)
    assert api.http.get(f"/api/NotebookExecutions?executionId={forged}").status_code == 200
