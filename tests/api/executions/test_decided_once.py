"""What API and operator both decide about one execution is the same, whatever way it came."""

import contextlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from podbook_crds import names
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import Notebook
from podbook_operator.rules.effective_spec import Terms, terms
from rig import api as apis
from rig.api import HELLO, FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

WHEN = {"type": "object", "properties": {"when": {"type": "string", "format": "date-time"}}}
# Not declared, and of a format that was never checked on the older surfaces.
LOOSE = {"when": "some day", "further": 1}

Post = Callable[[RunningApi, str, dict[str, Any]], str]


def post_a(api: RunningApi, notebook: str, parameters: dict[str, Any]) -> str:
    body = {"notebook": notebook, "parameters": parameters}
    before = newest(api, notebook)
    with contextlib.suppress(httpx.ReadTimeout):
        # It answers at the run's end, which never comes here.
        api.http.post("/api/NotebookExecutions", json=body, timeout=0.5)
    return eventually(
        lambda: new if (new := newest(api, notebook)) != before else None, "it is made"
    )


def post_b(api: RunningApi, notebook: str, parameters: dict[str, Any]) -> str:
    answer = api.http.post(f"/api/notebooks/{notebook}/execute", json={"parameters": parameters})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["execution_id"])


def newest(api: RunningApi, notebook: str) -> str:
    page = api.http.get("/v1/executions", params={"notebook": notebook, "limit": 1}).json()
    return str(page["items"][0]["id"]) if page["items"] else ""


def operators(cluster: EmbeddedCluster, execution: str, notebook: str | None) -> Terms:
    """Return what the operator makes of an execution that is there."""
    entry = None
    if notebook is not None:
        path = f"{apis.CUSTOM}/{names.NOTEBOOK_PLURAL}/{notebook}"
        entry = Notebook.from_resource(cluster.request("GET", path)[1])
    return terms(Execution.from_resource(apis.resource(cluster, execution)), entry, {})


@pytest.fixture(scope="module")
def loose(cluster: EmbeddedCluster, api: RunningApi) -> str:
    apis.put_notebook(cluster, "loose", input=WHEN)
    eventually(lambda: api.http.get("/v1/notebooks/loose").is_success, "it is served")
    return "loose"


@pytest.mark.parametrize("post", [pytest.param(post_a, id="A"), pytest.param(post_b, id="B")])
def test_what_an_older_surface_took_is_started(
    cluster: EmbeddedCluster, api: RunningApi, loose: str, post: Post
) -> None:
    made = post(api, loose, LOOSE)

    assert operators(cluster, made, loose).problem is None


def test_what_v1_refuses_is_refused_by_the_operator_as_well(
    cluster: EmbeddedCluster, api: RunningApi, loose: str
) -> None:
    answer = api.http.post(f"/v1/notebooks/{loose}/executions", json={"parameters": LOOSE})
    applied = {"notebook": {"name": loose}, "parameters": LOOSE}
    problem = operators(cluster, apis.apply_execution(cluster, "loose-1", applied), loose).problem

    assert answer.status_code == 422
    assert problem is not None
    for wrong in answer.json()["errors"]:
        assert f"{wrong['pointer']}: {wrong['detail']}" in problem.message


def test_a_default_that_the_language_cannot_hold_is_refused_by_both_until_a_value_is_given(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    schema = {"properties": {"n": {"type": "integer", "default": 2**53 + 1}}}
    apis.put_notebook(cluster, "default-of-r", input=schema, runtime={"language": "r"})
    eventually(lambda: api.http.get("/v1/notebooks/default-of-r").is_success, "it is served")
    path = "/v1/notebooks/default-of-r/executions"

    refused = [api.http.post(path, json={}, params=dry) for dry in ({}, {"dryRun": "true"})]
    older = api.http.post("/api/notebooks/default-of-r/execute", json={"parameters": {}})
    spec = {"notebook": {"name": "default-of-r"}}
    applied = apis.apply_execution(cluster, "default-of-r-1", spec)
    problem = operators(cluster, applied, "default-of-r").problem

    assert [answer.status_code for answer in refused] == [422, 422]
    for answer in refused:
        (wrong,) = answer.json()["errors"]
        assert wrong["pointer"] == "/parameters/n"
        assert wrong["detail"].startswith("the contract's default: an integer of R")
    assert "the contract's default: an integer of R" in older.text
    assert problem is not None
    assert "/parameters/n: the contract's default" in problem.message
    assert api.http.post(path, json={"parameters": {"n": 5}}).status_code == 202


def test_what_kubectl_applied_gets_the_day_that_its_contract_means(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    day = {"type": "string", "format": "date", "default": {"$now": "date", "offset": "-P1D"}}
    apis.put_notebook(cluster, "yesterday", input={"properties": {"day": day}})
    eventually(lambda: api.http.get("/v1/notebooks/yesterday").is_success, "it is served")
    digest = api.http.get("/v1/notebooks/yesterday").json()["digest"]
    name = apis.apply_execution(cluster, "by-kubectl-2", {"notebook": {"name": "yesterday"}})
    made = apis.resource(cluster, name)["metadata"]["creationTimestamp"]
    before = datetime.fromisoformat(made).date() - timedelta(days=1)

    job = FakeRun(cluster, api, name).make_pod(**{names.NOTEBOOK_DIGEST_ANNOTATION: digest}).claim()

    assert json.loads(job["parameters"]) == {"day": before.isoformat()}


@pytest.mark.parametrize("how", ["inline", "contract only read from the notebook"])
def test_a_name_that_is_no_variable_is_refused_by_both(
    cluster: EmbeddedCluster, api: RunningApi, how: str
) -> None:
    text = json.dumps({"no name": 1})
    if how == "inline":
        notebook, reference = None, {"ipynb": HELLO}
        answer = api.http.post(
            "/v1/executions", json={"ipynb": HELLO, "parameters": {"no name": 1}}
        )
    else:
        notebook, reference = "read", {"name": "read"}
        apis.put_notebook(cluster, "read", input=WHEN, inferred=True)
        path = "/v1/notebooks/read/executions"
        answer = api.http.post(path, json={"parameters": {"no name": 1}})
    name = f"no-name-{'i' if notebook is None else 'c'}"
    spec = {"notebook": reference, "parametersText": text}
    problem = operators(cluster, apis.apply_execution(cluster, name, spec), notebook).problem

    assert answer.status_code == 422
    assert problem is not None
    assert "/parameters/no name" in problem.message


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        pytest.param({"kernelspec": {"language": "R"}}, "r", id="kernelspec"),
        pytest.param({"language_info": {"name": "julia"}}, "julia", id="language_info"),
        pytest.param(
            {"kernelspec": {"language": 5}, "language_info": {"name": "bash"}}, "bash", id="odd"
        ),
        pytest.param({"kernelspec": None}, "python", id="null"),
        pytest.param(None, "python", id="no metadata"),
        pytest.param({"kernelspec": {"language": "x" * 300}}, "python", id="no name at all"),
    ],
)
@pytest.mark.parametrize("way", ["REST", "kubectl"])
def test_kernel_and_parameters_are_of_one_language(
    cluster: EmbeddedCluster, api: RunningApi, metadata: Any, language: str, way: str
) -> None:
    ipynb = json.dumps({**json.loads(HELLO), "metadata": metadata})
    if way == "REST":
        made = str(api.http.post("/v1/executions", json={"ipynb": ipynb}).json()["id"])
    else:
        name = f"language-{language}-{len(ipynb)}"
        made = apis.apply_execution(cluster, name, {"notebook": {"ipynb": ipynb}})

    assert operators(cluster, made, None).runtime.language == language
    assert FakeRun(cluster, api, made).make_pod().claim()["language"] == language
