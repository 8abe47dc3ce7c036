"""A caller may ask to be told of the end: its secret goes into a Secret, and nowhere else."""

import base64
import json
from typing import Any

import httpx
import pytest

from podbook_crds import names
from rig import api as apis
from rig.api import FakeRun, RunningApi, put_notebook, resource
from rig.embedded import EmbeddedCluster
from rig.until import eventually

SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes, chosen by dice").decode()
WEBHOOK = {"url": "https://example.com/told?by=podbook", "secret": SECRET}
SECRETS = "/api/v1/namespaces/default/secrets"


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    put_notebook(cluster, "told")
    team = {"url": "https://example.com/team", "secretRef": {"name": "team"}}
    put_notebook(cluster, "told-to-the-team", webhook=team)
    eventually(lambda: api.http.get("/v1/notebooks/told-to-the-team").is_success, "the notebooks")


def post(api: RunningApi, notebook: str = "told", **arguments: Any) -> httpx.Response:
    arguments = {"json": {"webhook": WEBHOOK}, **arguments}
    return api.http.post(f"/v1/notebooks/{notebook}/executions", **arguments)


def secret_of(cluster: EmbeddedCluster, name: str) -> dict[str, Any] | None:
    status, found = cluster.request("GET", f"{SECRETS}/{name}-webhook")
    return found if status == 200 else None


def test_the_execution_refers_to_a_secret_that_it_owns(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    name = post(api).json()["id"]

    execution, secret = resource(cluster, name), secret_of(cluster, name)
    assert secret is not None
    assert execution["spec"]["webhook"] == {
        "url": WEBHOOK["url"],
        "secretRef": {"name": f"{name}-webhook"},
    }
    address = execution["metadata"]["annotations"][names.URL_ANNOTATION]
    assert address == f"{api.url}/v1/executions/{name}"
    assert base64.b64decode(secret["data"]["secret"]).decode() == SECRET
    assert names.WEBHOOK_LABEL in secret["metadata"]["labels"]
    owner = secret["metadata"]["ownerReferences"][0]
    assert owner["uid"] == execution["metadata"]["uid"]


def test_the_secret_is_shown_nowhere(cluster: EmbeddedCluster, api: RunningApi) -> None:
    answer = post(api)
    name = answer.json()["id"]
    FakeRun(cluster, api, name).succeed()

    shown = [answer.text, api.http.get(f"/v1/executions/{name}").text]
    shown += [json.dumps(resource(cluster, name)), api.log.read_text()]
    shown += [path.read_text(errors="replace") for path in api.store.rglob("*") if path.is_file()]

    assert all(SECRET not in text for text in shown)
    assert all(SECRET.removeprefix("whsec_") not in text for text in shown)


def test_the_view_says_how_far_telling_has_got(cluster: EmbeddedCluster, api: RunningApi) -> None:
    asked, not_asked = post(api).json(), post(api, json={}).json()

    assert asked["webhook"] == {
        "url": WEBHOOK["url"],
        "state": "Pending",
        "attempts": 0,
        "message": "",
    }
    assert not_asked["webhook"] is None


def test_the_secret_goes_with_its_execution(cluster: EmbeddedCluster, api: RunningApi) -> None:
    name = post(api).json()["id"]

    assert api.http.delete(f"/v1/executions/{name}").status_code == 204

    eventually(lambda: secret_of(cluster, name) is None, "the Secret is gone")


@pytest.mark.parametrize(
    ("webhook", "pointer", "says"),
    [
        pytest.param("https://example.com", "/webhook", "", id="not an object"),
        pytest.param({"url": "https://example.com"}, "/webhook/secret", "required", id="no secret"),
        pytest.param({"secret": SECRET}, "/webhook/url", "required", id="no url"),
        pytest.param({**WEBHOOK, "url": "ftp://a"}, "/webhook/url", "http", id="not http"),
        pytest.param({**WEBHOOK, "url": "/here"}, "/webhook/url", "absolute", id="relative"),
        pytest.param({**WEBHOOK, "url": "http://[:1"}, "/webhook/url", "absolute", id="broken"),
        pytest.param({**WEBHOOK, "url": "http://a b/"}, "/webhook/url", "absolute", id="blank"),
        pytest.param(
            {**WEBHOOK, "url": "https://me:pass@example.com"}, "/webhook/url", "password", id="user"
        ),
        pytest.param(
            {**WEBHOOK, "secret": "hunter2"}, "/webhook/secret", "openssl rand", id="no base64"
        ),
        pytest.param(
            {**WEBHOOK, "secret": "whsec_aHVudGVyMg=="}, "/webhook/secret", "24", id="too short"
        ),
        pytest.param({**WEBHOOK, "method": "PUT"}, "/webhook/method", "", id="an unknown field"),
    ],
)
def test_a_webhook_that_could_not_work_is_refused(
    api: RunningApi, webhook: Any, pointer: str, says: str
) -> None:
    answer = post(api, json={"webhook": webhook})

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert says in answer.text
    assert "hunter2" not in answer.text
    assert "aHVudGVyMg" not in answer.text


def test_a_repeated_request_makes_up_for_a_secret_that_was_not_made(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    key = {"Idempotency-Key": "told-once"}
    name = post(api, headers=key).json()["id"]
    cluster.request("DELETE", f"{SECRETS}/{name}-webhook")

    assert post(api, headers=key).json()["id"] == name

    assert secret_of(cluster, name) is not None


def test_without_its_secret_there_is_no_execution(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    before = len(api.http.get("/v1/executions", params={"notebook": "told"}).json()["items"])
    cluster.fault(kind="status", code=503, method="POST", path="/secrets$", times=1)

    answer = post(api)
    cluster.clear_faults()

    def as_before() -> bool:
        page = api.http.get("/v1/executions", params={"notebook": "told"}).json()
        return len(page["items"]) == before

    assert answer.status_code == 503
    eventually(as_before, "the execution is gone")


def test_a_notebook_may_have_a_webhook_for_all_its_runs(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    by_itself = post(api, "told-to-the-team", json={}).json()["id"]
    by_its_caller = post(api, "told-to-the-team").json()["id"]

    found = [resource(cluster, name)["spec"]["webhook"] for name in (by_itself, by_its_caller)]

    assert found[0] == {"url": "https://example.com/team", "secretRef": {"name": "team"}}
    assert found[1]["url"] == WEBHOOK["url"]


def test_runs_of_inline_notebooks_have_it_too(cluster: EmbeddedCluster, api: RunningApi) -> None:
    ours = api.http.post("/v1/executions", json={"ipynb": apis.HELLO, "webhook": WEBHOOK})
    body = {"ipynb": apis.HELLO, "kernel_name": "python3", "webhook": WEBHOOK}
    bursts = api.http.post("/noteburst/v1/notebooks/", json=body)

    assert secret_of(cluster, ours.json()["id"]) is not None
    assert bursts.status_code == 202
    assert secret_of(cluster, bursts.json()["job_id"]) is not None
    assert SECRET not in bursts.text
    told = [
        resource(cluster, name)["metadata"]["annotations"][names.URL_ANNOTATION]
        for name in (ours.json()["id"], bursts.json()["job_id"])
    ]
    # Each surface's own address: its callers know what is there.
    assert told == [api.url + ours.json()["links"]["self"], bursts.json()["self_url"]]
