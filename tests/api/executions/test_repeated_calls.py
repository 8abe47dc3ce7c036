"""A key makes a call one call, on every surface that runs notebooks."""

import contextlib

import httpx
import pytest

from podbook_crds import names
from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

EXECUTIONS = f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}"
CALLS = [
    ("/v1/notebooks/keyed/executions", {}),
    ("/v1/executions", {"ipynb": apis.HELLO}),
    ("/api/NotebookExecutions", {"notebook": "keyed"}),
    ("/api/notebooks/keyed/execute", {}),
    ("/noteburst/v1/notebooks", {"ipynb": apis.HELLO}),
]


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_a_call_sent_twice_with_one_key_runs_once(
    cluster: EmbeddedCluster, api: RunningApi, path: str, body: dict[str, str]
) -> None:
    if not api.http.get("/v1/notebooks/keyed").is_success:
        apis.put_notebook(cluster, "keyed")
    eventually(lambda: api.http.get("/v1/notebooks/keyed").is_success, "it is served")
    before = len(cluster.request("GET", EXECUTIONS)[1]["items"])

    for _ in range(2):
        # The first surface of jupyrest answers at the end of the run, which never comes here.
        with contextlib.suppress(httpx.ReadTimeout):
            api.http.post(path, json=body, headers={"Idempotency-Key": f"k{path}"}, timeout=2)

    assert len(cluster.request("GET", EXECUTIONS)[1]["items"]) == before + 1
