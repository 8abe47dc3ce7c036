"""Who asked for a run, and for its end, is kept where nobody can forge it, and told in the log."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from podbook_crds import names
from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

WHO = "X-Auth-User"
GROUP = "rbac.authorization.k8s.io"
FORGED = {"X-Forwarded-User": "root", "X-Remote-User": "root", "Impersonate-User": "root"}
ODD = 'ann"}\x85{"caller": "root"'


@pytest.fixture(scope="module")
def api(cluster: EmbeddedCluster, api_folder: Path) -> Iterator[RunningApi]:
    secret = api_folder / "proxy-that-names-users"
    secret.write_text("shared")
    settings = {
        "PODBOOK_AUTH": "kubernetes",
        "PODBOOK_FORWARDED_SECRET_FILE": str(secret),
        "PODBOOK_TRUSTED_PROXIES": "127.0.0.1",
        "PODBOOK_FORWARDED_USER_HEADER": WHO,
        "PODBOOK_CATALOG_PUSH": "true",
        "PODBOOK_CATALOG_GIT_ACCOUNT": "bob",
    }
    apis.put_notebook(cluster, "signed", id="team/signed")
    role = {"apiGroup": GROUP, "kind": "ClusterRole", "name": "signers"}
    rules = [{"apiGroups": [names.GROUP], "resources": ["*"], "verbs": ["*"]}]
    users = [{"apiGroup": GROUP, "kind": "User", "name": name} for name in ("ann", "bob", ODD)]
    for plural, fields in (
        ("clusterroles", {"rules": rules}),
        ("clusterrolebindings", {"roleRef": role, "subjects": users}),
    ):
        body = {"metadata": {"name": "signers"}, **fields}
        assert cluster.request("POST", f"/apis/{GROUP}/v1/{plural}", body)[0] == 201
    with apis.running(cluster, api_folder, **settings) as running:
        running.http.headers.update({WHO: "ann", "X-Podbook-Proxy-Secret": "shared"})
        path = "/v1/notebooks/team/signed"
        eventually(lambda: running.http.get(path).is_success, "it is served")
        yield running


def lines(api: RunningApi, execution: str) -> list[dict[str, Any]]:
    """Return what the log tells of an execution's writes."""
    marked = [line for line in api.log.read_text().splitlines() if "podbook_api.access" in line]
    told = [json.loads(line[line.index("{") :]) for line in marked]
    return [line for line in told if line["execution"] == execution]


SUBMISSIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "v1": ("/v1/notebooks/team/signed/executions", {"parameters": {}}, "id"),
    "v1 of one's own": ("/v1/executions", {"ipynb": apis.HELLO}, "id"),
    "jupyrest-b": ("/api/notebooks/team/signed/execute", {}, "execution_id"),
    "noteburst": ("/noteburst/v1/notebooks/", {"ipynb": apis.HELLO}, "job_id"),
}


@pytest.mark.parametrize("surface", SUBMISSIONS)
def test_a_run_says_who_asked_for_it_whichever_way_it_came(
    api: RunningApi, cluster: EmbeddedCluster, surface: str
) -> None:
    path, body, key = SUBMISSIONS[surface]

    name = api.http.post(path, json=body, headers=FORGED).json()[key]

    assert api.http.get(f"/v1/executions/{name}").json()["createdBy"] == "ann"
    listed = api.http.get("/v1/executions").json()["items"]
    assert [each["createdBy"] for each in listed if each["id"] == name] == ["ann"]
    kept = apis.resource(cluster, name)["metadata"]["annotations"]
    assert kept[names.CREATED_BY_ANNOTATION] == "ann"
    notebook = None if "ipynb" in body else "team/signed"
    told = {"caller": "ann", "verb": "create", "notebook": notebook, "execution": name}
    assert lines(api, name) == [{**told, "surface": surface.split(maxsplit=1)[0]}]


def test_who_cancels_and_who_deletes_is_told(api: RunningApi) -> None:
    name = api.http.post("/v1/notebooks/team/signed/executions", json={}).json()["id"]
    assert api.http.get(f"/v1/executions/{name}").json()["cancelledBy"] is None

    cancelled = api.http.post(f"/v1/executions/{name}/cancel", headers={WHO: "bob"}).json()
    again = api.http.post(f"/v1/executions/{name}/cancel").json()
    api.http.delete(f"/v1/executions/{name}")

    for shown in (cancelled, again):
        assert (shown["createdBy"], shown["cancelledBy"]) == ("ann", "bob")
    told = [(line["verb"], line["caller"], line["surface"]) for line in lines(api, name)]
    assert told == [("create", "ann", "v1"), ("cancel", "bob", "v1"), ("delete", "ann", "v1")]


def test_a_key_used_again_writes_nothing_and_tells_nothing(api: RunningApi) -> None:
    key = {"Idempotency-Key": "who"}
    path = "/v1/notebooks/team/signed/executions"

    made = [api.http.post(path, json={}, headers=key).json()["id"] for _ in range(2)]

    assert made[0] == made[1]
    assert len(lines(api, made[0])) == 1
    other = api.http.post(path, json={}, headers={**key, WHO: "bob"}).json()
    assert (other["id"] == made[0], other["createdBy"]) == (False, "bob")


def test_a_name_stays_on_its_line_of_the_log(api: RunningApi) -> None:
    shown = {WHO.encode(): ODD.encode("latin-1"), b"X-Podbook-Proxy-Secret": b"shared"}
    url = f"{api.url}/v1/executions"

    made = httpx.post(url, json={"ipynb": apis.HELLO}, headers=shown, trust_env=False)

    name = made.json()["id"]

    assert [line["caller"] for line in lines(api, name)] == [ODD]
    assert "\x85" not in api.log.read_text()


def test_a_run_that_came_by_kubectl_is_nobody_s_that_is_known(
    api: RunningApi, cluster: EmbeddedCluster
) -> None:
    name = apis.apply_execution(cluster, "nobody-known", {"notebook": {"name": "signed"}})

    assert api.http.get(f"/v1/executions/{name}").json()["createdBy"] is None


def test_on_a_laptop_it_is_the_one_at_this_machine(
    cluster: EmbeddedCluster, api_folder: Path, api: RunningApi
) -> None:
    with apis.running(cluster, api_folder) as laptop:
        name = laptop.http.post("/v1/executions", json={"ipynb": apis.HELLO}).json()["id"]
        assert laptop.http.get(f"/v1/executions/{name}").json()["createdBy"] == "local"
        assert [line["caller"] for line in lines(laptop, name)] == ["local"]


def test_only_the_loader_says_that_git_keeps_a_notebook(api: RunningApi) -> None:
    body = {"catalog": "x", "managedBy": "git", "rollbackTo": 1}
    answers = {
        who: api.http.put("/v1/notebooks/team/signed", json=body, headers={WHO: who})
        for who in ("ann", "bob")
    }

    assert answers["ann"].status_code == 403
    assert "that is bob" in answers["ann"].json()["detail"]
    # What stands against the loader is that somebody else keeps the notebook.
    assert answers["bob"].status_code == 409
