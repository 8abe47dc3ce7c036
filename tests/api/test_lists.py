"""Lists of executions: newest first, page by page, narrowed down."""

from typing import Any

import pytest

from tests.support import customers
from tests.support.api import FakeRun, RunningApi
from tests.support.customers import created
from tests.support.embedded import EmbeddedCluster


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
    assert api.http.get("/v1/executions?continue=no+token").status_code == 422


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
