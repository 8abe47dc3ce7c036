"""Notebooks are pushed over REST: whole or not at all, by whom they belong to, and back again."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from podbook_crds import names
from podbook_crds.content import blob_digest
from rig import api as apis
from rig.api import CUSTOM, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support.pushed import BYTES, blob, kind, push, spec


def test_a_notebook_is_pushed_served_and_taken_away(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    made = push(api, "reports/pushed", spec=spec(api), source={"commit": "abc"})
    assert (made.status_code, made.json()["changed"], made.json()["version"]) == (201, True, 1)
    shown = api.http.get("/v1/notebooks/reports/pushed").json()
    assert (shown["managedBy"], shown["catalog"], shown["ready"]) == ("push", "sales", True)
    assert shown["specDigest"] == made.json()["specDigest"]
    resource = apis.notebook_resource(cluster, shown["name"])
    assert resource["metadata"]["labels"][names.CATALOG_LABEL] == "sales"
    ran = api.http.post("/v1/notebooks/reports/pushed/executions", json={}).json()["id"]
    listed = api.http.get("/v1/notebooks/reports/pushed/executions").json()["items"]
    assert [line["id"] for line in listed] == [ran]

    same = push(api, "reports/pushed", spec=spec(api))
    assert (same.status_code, same.json()["changed"]) == (200, False)

    gone = api.http.delete("/v1/notebooks/reports/pushed", params={"catalog": "sales"})
    assert gone.status_code == 204
    assert api.http.get("/v1/notebooks/reports/pushed").status_code == 404


def test_what_is_missing_is_named_and_nothing_is_written(api: RunningApi) -> None:
    digest = blob_digest(b"never sent")
    wanted = {**spec(api), "files": [{"path": "data/x.csv", "blob": digest, "size": 10}]}

    refused = push(api, "lacking", spec=wanted)

    assert (refused.status_code, kind(refused)) == (409, "missing-blobs")
    assert refused.json()["missing"] == [digest]
    assert api.http.get("/v1/notebooks/lacking").status_code == 404
    assert api.http.head(f"/v1/blobs/{digest}").status_code == 404
    blob(api, "never sent")
    assert api.http.head(f"/v1/blobs/{digest}").status_code == 200
    assert push(api, "lacking", spec=wanted).status_code == 201


def test_of_two_who_push_at_once_one_is_told_that_the_other_was_faster(
    api: RunningApi, other_api: RunningApi
) -> None:
    before = push(api, "contested", spec=spec(api)).json()["digest"]
    wanted = [spec(api, cell=f"'{name}'") for name in ("ann", "ben")]

    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda at: push(at[0], "contested", spec=at[1], if_match=before),
                zip((api, other_api), wanted, strict=True),
            )
        )

    assert sorted(answer.status_code for answer in answers) == [200, 412]
    won = next(answer for answer in answers if answer.status_code == 200).json()
    lost = next(answer for answer in answers if answer.status_code == 412)
    assert won["digest"] in lost.json()["detail"]
    versions = api.http.get("/v1/versions/contested").json()
    assert [item["digest"] for item in versions["items"]] == [won["digest"], before]
    new = {"If-None-Match": "*"}
    body = {"catalog": "sales", "spec": wanted[0]}
    assert api.http.put("/v1/notebooks/contested", json=body, headers=new).status_code == 412


def test_another_catalogs_notebook_is_not_touched_unless_it_is_taken_over(api: RunningApi) -> None:
    push(api, "claimed", spec=spec(api))
    mine: dict[str, Any] = {"spec": spec(api, cell="2"), "catalog": "research"}

    refused = push(api, "claimed", **mine)
    assert (refused.status_code, kind(refused)) == (409, "other-catalog")
    assert "'sales'" in refused.json()["detail"]
    elsewhere = api.http.delete("/v1/notebooks/claimed", params={"catalog": "research"})
    assert (elsewhere.status_code, kind(elsewhere)) == (409, "other-catalog")

    taken = push(api, "claimed", takeOver=True, **mine)
    assert (taken.status_code, taken.json()["catalog"]) == (200, "research")


def test_what_git_keeps_is_changed_there(api: RunningApi) -> None:
    source = {"repository": "https://git.example/team", "ref": "main", "path": "notebooks"}
    push(api, "kept-by-git", spec=spec(api), managedBy="git", source=source)

    for refused in (
        push(api, "kept-by-git", spec=spec(api, cell="2"), takeOver=True),
        push(api, "kept-by-git", rollbackTo=1),
        api.http.delete("/v1/notebooks/kept-by-git", params={"catalog": "sales"}),
    ):
        assert (refused.status_code, kind(refused)) == (409, "managed-by-git")
        assert "https://git.example/team at main, folder notebooks" in refused.json()["detail"]


def test_a_notebook_goes_back_to_what_it_was(api: RunningApi) -> None:
    first = push(api, "returning", spec=spec(api), verdict="compatible").json()
    push(api, "returning", spec=spec(api, cell="2"))

    back = push(api, "returning", rollbackTo=1)

    assert (back.status_code, back.json()["digest"]) == (200, first["digest"])
    items = api.http.get("/v1/versions/returning").json()["items"]
    assert [item["number"] for item in items] == [3, 2, 1]
    assert (items[0]["rollbackOf"], items[0]["current"], items[2]["verdict"]) == (
        *(1, True),
        "compatible",
    )
    assert all(item["available"] for item in items)
    unknown = push(api, "returning", rollbackTo=9)
    assert (unknown.status_code, kind(unknown)) == (409, "unknown-version")

    # A notebook that is made again has its past.
    api.http.delete("/v1/notebooks/returning", params={"catalog": "sales"})
    again = push(api, "returning", spec=spec(api, cell="3"), versions={"keep": 2})
    assert again.json()["version"] == 4
    items = api.http.get("/v1/versions/returning").json()["items"]
    assert [item["number"] for item in items] == [4, 3]


def test_what_is_no_content_makes_no_version(api: RunningApi) -> None:
    push(api, "hooked", spec=spec(api))

    changed = push(api, "hooked", spec=spec(api, webhook={"url": "https://hooks.example/x"}))

    assert (changed.json()["changed"], changed.json()["version"]) == (True, 1)


def test_a_dry_run_writes_nothing(api: RunningApi) -> None:
    body = {"catalog": "sales", "spec": spec(api)}

    shown = api.http.put("/v1/notebooks/only-shown", json=body, params={"dryRun": "true"})

    assert (shown.status_code, shown.json()["changed"]) == (200, True)
    assert api.http.get("/v1/notebooks/only-shown").status_code == 404


def test_blobs_are_bytes_and_nothing_else(api: RunningApi) -> None:
    as_json = api.http.post("/v1/blobs", json={})

    assert (as_json.status_code, kind(as_json)) == (415, "not-bytes")
    assert api.http.head("/v1/blobs/no-digest").status_code == 404


def test_a_server_that_takes_no_pushes_says_so(cluster: EmbeddedCluster, api_folder: Any) -> None:
    # The loader of a Git repository pushes here, and nobody else.
    loader = "system:serviceaccount:podbook:podbook-catalog"
    with apis.running(cluster, api_folder, PODBOOK_CATALOG_GIT_ACCOUNT=loader) as closed:
        for answer in (
            push(closed, "never", spec={"source": {"blob": blob_digest(b"")}}),
            closed.http.delete("/v1/notebooks/never", params={"catalog": "sales"}),
            closed.http.post("/v1/blobs", content=b"x", headers=BYTES),
        ):
            assert (answer.status_code, kind(answer)) == (409, "push-is-off")
            assert "catalog.push" in answer.json()["detail"]


def test_a_notebook_that_only_kubectl_wrote_has_no_catalog_and_is_taken_over_on_purpose(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    apis.put_notebook(cluster, "by-hand")
    eventually(lambda: api.http.get("/v1/notebooks/by-hand").is_success, "it is served")

    refused = push(api, "by-hand", spec=spec(api))
    assert kind(refused) == "other-catalog"
    assert "kubectl" in refused.json()["detail"]
    assert api.http.get("/v1/versions/by-hand").json()["items"] == []

    assert push(api, "by-hand", spec=spec(api), takeOver=True).json()["managedBy"] == "push"
    status, _ = cluster.request("GET", f"{CUSTOM}/{names.NOTEBOOK_PLURAL}/by-hand")
    assert status == 200
