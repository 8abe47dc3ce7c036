"""Whatever a client that has read the OpenAPI document sends, the answer is one of those in it."""

import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks as openapi_checks

from podbook_crds import names
from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

EXECUTIONS = f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}"
END = {
    "phase": "Succeeded",
    "reason": "NotebookCompleted",
    "finishedAt": "2026-01-01T00:00:00.000000Z",
}
OLDER = {
    "/api/NotebookExecutions",
    "/api/notebooks",
    "/api/notebooks/{notebook_id}",
    "/api/notebooks/{notebook_id}/execute",
    "/api/notebook_executions/{execution_id}",
    "/api/notebook_executions/{execution_id}/artifacts/{name}",
    "/noteburst/v1/notebooks/",
    "/noteburst/v1/notebooks/{job_id}",
}
# Its answer goes on for as long as somebody reads: tests/path follows it.
ENDLESS = {"/v1/events"}
CONTRACT = {
    "type": "object",
    "properties": {"count": {"type": "integer"}, "when": {"type": "string", "format": "date"}},
    "required": ["count"],
}


@pytest.fixture(scope="module")
def _ended(cluster: EmbeddedCluster) -> Iterator[None]:
    """End every execution at once: some calls wait for that."""
    stop = threading.Event()

    def end() -> None:
        while not stop.wait(0.05):
            selector = "?fieldSelector=status.phase=Queued"
            for item in cluster.request("GET", EXECUTIONS + selector)[1]["items"]:
                path = f"{EXECUTIONS}/{item['metadata']['name']}/status"
                kind = "application/merge-patch+json"
                cluster.request("PATCH", path, {"status": END}, content_type=kind)

    thread = threading.Thread(target=end)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture(scope="module")
def document(cluster: EmbeddedCluster, api: RunningApi, _ended: None) -> schemathesis.BaseSchema:
    apis.put_notebook(cluster, "fuzzed", input=CONTRACT, output={"type": "integer"})
    eventually(lambda: api.http.get("/v1/notebooks/fuzzed").is_success, "it is served")
    return schemathesis.openapi.from_url(f"{api.url}/openapi.json?notebook=fuzzed")


@pytest.fixture(scope="module")
def known(cluster: EmbeddedCluster, api: RunningApi) -> dict[str, str]:
    """Ids that lead to something, by the names of their parameters."""
    answer = api.http.post("/v1/executions", json={"ipynb": apis.HELLO})
    name: str = answer.json()["id"]
    return {
        "execution_id": name,
        "job_id": name,
        "notebook_id": "fuzzed",
        "name": names.NOTEBOOK_ARTIFACT,
    }


@pytest.mark.timeout(400)
def test_any_request_gets_a_documented_answer(
    document: schemathesis.BaseSchema, known: dict[str, str]
) -> None:
    operations = [result.ok() for result in cast(Any, document).get_all_operations()]
    paths = {operation.path for operation in operations}
    assert {"/v1/notebooks/fuzzed/executions", *OLDER} <= paths, paths

    for operation in operations:
        if operation.path in ENDLESS:
            continue
        for mode in GenerationMode:
            _ask(operation, mode, ids={})
        if operation.method != "delete":
            _ask(operation, GenerationMode.POSITIVE, ids=known)


def _ask(operation: Any, mode: GenerationMode, *, ids: dict[str, str]) -> None:
    """Send requests to one operation: such as fit its schemas, or such as do not.

    ids take the place of made-up ones in its path.
    """

    @settings(
        max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        case.path_parameters.update(
            {key: value for key, value in ids.items() if key in case.path_parameters}
        )
        # Ids lead to something or not, and most made-up notebooks are none: that a request fits
        # its schema does not mean that it succeeds.
        case.call_and_validate(excluded_checks=[openapi_checks.positive_data_acceptance])

    try:
        ask()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, operation.label
