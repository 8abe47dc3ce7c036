"""What is more than a release allows is refused at the call, with the limit and both numbers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rig import api as apis
from rig.api import HELLO, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import agents

LIMITS = {"deadlineSeconds": 86_400, "retryLimit": 3, "resources": {"memory": "4Gi"}}
# Of every kind: what a call says itself, and what its notebook does.
GREEDY = {"deadlineSeconds": 86_401}
TOO_LONG = "86401 is more than the 86400 that may be asked for here"
NAMED = "(operator.config.limits.deadlineSeconds)"
AMOUNT = {"resources": {"limits": {"memory": "5Gi"}}}


@pytest.fixture(scope="module", autouse=True)
def _limited(cluster: EmbeddedCluster, api: RunningApi, operator_config: Path) -> Iterator[None]:
    before = operator_config.read_text()
    apis.put_notebook(cluster, "bounded", overrides={"resources": {"memory": "9Gi"}})
    apis.put_notebook(cluster, "greedy", id="team/greedy", defaults=GREEDY)
    both = ("/v1/notebooks/bounded", "/v1/notebooks/team/greedy")
    eventually(lambda: all(api.http.get(p).is_success for p in both), "both are served")
    operator_config.write_text(json.dumps({"slots": {"total": 100}, "limits": LIMITS}))
    yield
    operator_config.write_text(before)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/notebooks/bounded/executions", {}),
        ("/v1/notebooks/bounded/executions?dryRun=true", {}),
        ("/v1/executions", {"ipynb": HELLO}),
        ("/v1/executions?dryRun=true", {"ipynb": HELLO}),
    ],
)
def test_everything_that_is_too_much_is_named(
    api: RunningApi, path: str, body: dict[str, Any]
) -> None:
    answer = api.http.post(path, json={**body, **GREEDY, "retryLimit": 4, "runtime": AMOUNT})

    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["type"] == "urn:podbook:problem:limit-exceeded"
    assert {error["pointer"]: error["detail"] for error in problem["errors"]} == {
        "/deadlineSeconds": f"{TOO_LONG} {NAMED}",
        "/retryLimit": "4 is more than the 3 that may be asked for here"
        " (operator.config.limits.retryLimit)",
        "/runtime/resources/limits/memory": "5Gi is more than the 4Gi that may be asked for here"
        " (operator.config.limits.resources.memory)",
    }


def _a(api: RunningApi) -> str:
    return api.http.post("/api/NotebookExecutions", json={"notebook": "team/greedy"}).text


def _b(api: RunningApi) -> str:
    answer = api.http.post("/api/notebooks/team%2Fgreedy/execute", json={"parameters": {}})
    return answer.text


def _noteburst(api: RunningApi) -> str:
    body = {"ipynb": HELLO, "timeout": GREEDY["deadlineSeconds"]}
    return api.http.post("/noteburst/v1/notebooks/", json=body).text


def _tool(api: RunningApi) -> str:
    return str(agents.call(api.url, "2026-07-28", "team_greedy", {}).content)


def _v1(api: RunningApi) -> str:
    return api.http.post("/v1/notebooks/team/greedy/executions", json={}).text


@pytest.mark.parametrize("call", [_a, _b, _noteburst, _tool, _v1])
def test_every_surface_refuses_and_makes_nothing(
    api: RunningApi, call: Callable[[RunningApi], str]
) -> None:
    said = call(api)

    assert TOO_LONG in said, said
    assert NAMED in said
    made = api.http.get("/v1/executions", params={"notebook": "team/greedy"}).json()["items"]
    assert made == []


def test_what_is_within_runs_and_an_edit_holds_from_the_next_call(
    cluster: EmbeddedCluster, api: RunningApi, operator_config: Path
) -> None:
    path, asked = "/v1/notebooks/bounded/executions", {"deadlineSeconds": 86_400}
    within = api.http.post(path, json=asked)
    before = operator_config.read_text()

    operator_config.write_text("limits: {deadlineSeconds: 80000}")
    beyond = api.http.post(path, json=asked)
    operator_config.write_text("limits: {deadlineSeconds: few}")
    broken = api.http.post(path, json=asked)
    operator_config.write_text(before)

    assert [a.status_code for a in (within, beyond, broken)] == [202, 422, 422]
    assert "more than the 80000" in broken.json()["detail"]
