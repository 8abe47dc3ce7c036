"""What a call may change of a runtime, over REST."""

from typing import Any

import pytest

from rig import api as apis
from rig.api import HELLO, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

STAGE = {"name": "STAGE", "value": "test"}
ALLOWS = {"env": ["STAGE"], "resources": {"memory": "1Gi"}, "kernel": ["ir"]}


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    apis.put_notebook(cluster, "lenient", overrides=ALLOWS)
    apis.put_notebook(cluster, "strict")
    both = ("/v1/notebooks/lenient", "/v1/notebooks/strict")
    eventually(lambda: all(api.http.get(p).is_success for p in both), "both are served")


@pytest.mark.parametrize(
    ("runtime", "pointer"),
    [
        ({"env": [STAGE]}, "/runtime/env/0/name"),
        ({"kernel": "ir"}, "/runtime/kernel"),
        ({"resources": {"limits": {"memory": "1Mi"}}}, "/runtime/resources/limits/memory"),
    ],
)
@pytest.mark.parametrize("more", ["", "?dryRun=true"])
def test_what_is_not_listed_is_refused(
    api: RunningApi, runtime: dict[str, Any], pointer: str, more: str
) -> None:
    path = f"/v1/notebooks/strict/executions{more}"

    answer = api.http.post(path, json={"runtime": runtime})

    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["type"] == "urn:podbook:problem:override-not-allowed"
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert "overrides." in problem["errors"][0]["detail"]


def test_what_is_listed_is_taken(cluster: EmbeddedCluster, api: RunningApi) -> None:
    runtime = {"env": [STAGE], "kernel": "ir", "resources": {"limits": {"memory": "512Mi"}}}

    answer = api.http.post("/v1/notebooks/lenient/executions", json={"runtime": runtime})

    assert answer.status_code == 202, answer.text
    stored = apis.resource(cluster, answer.json()["id"])["spec"]["runtime"]
    assert stored["env"] == [STAGE]


def test_the_notebook_says_what_it_allows(api: RunningApi) -> None:
    assert api.http.get("/v1/notebooks/lenient").json()["overrides"] == ALLOWS
    assert api.http.get("/v1/notebooks/strict").json()["overrides"] is None


def test_an_inline_notebook_is_its_callers_but_for_what_may_never_be_given(api: RunningApi) -> None:
    def run(name: str) -> Any:
        runtime = {"env": [{"name": name, "value": "x"}]}
        return api.http.post("/v1/executions", json={"ipynb": HELLO, "runtime": runtime})

    assert run("STAGE").status_code == 202
    refused = run("PYTHONWARNINGS")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/runtime/env/0/name"
