"""Artifacts over REST: types, ranges, tags."""

from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from podbook_crds.content import blob_digest
from podbook_crds.protocol import intake
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import customers
from tests.support.customers import created


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi) -> None:
    customers.serve(cluster, api, other_api)


def test_artifacts_have_their_types_ranges_and_tags(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    name = created(api)
    run = FakeRun(cluster, api, name)
    run.make_pod().claim()
    run.upload("files/a b/ü.txt", b"0123456789", "text/plain; charset=utf-8")
    run.result()
    listed = {a["name"]: a for a in api.http.get(f"/v1/executions/{name}").json()["artifacts"]}
    href = listed["files/a b/ü.txt"]["href"]

    def get(**headers: str) -> tuple[int, bytes]:
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        answer = api.http.get(href, headers=sent)
        return answer.status_code, answer.content

    whole = api.http.get(href)
    assert whole.headers["content-type"] == "text/plain; charset=utf-8"
    assert whole.headers["content-security-policy"].startswith("sandbox")
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert whole.headers["referrer-policy"] == "no-referrer"
    assert whole.headers["cross-origin-resource-policy"] == "same-origin"
    etag = whole.headers["etag"]
    assert get() == (200, b"0123456789")
    assert get(Range="bytes=2-4") == (206, b"234")
    assert get(Range="bytes=7-") == (206, b"789")
    assert get(Range="bytes=-3") == (206, b"789")
    assert get(Range="bytes=-0")[0] == 416
    assert get(Range="bytes=10-")[0] == 416
    assert get(Range="lines=1-2") == (200, b"0123456789")
    assert get(Range="bytes=2-4", If_Range=etag) == (206, b"234")
    assert get(Range="bytes=2-4", If_Range='"other"') == (200, b"0123456789")
    assert get(If_None_Match=etag) == (304, b"")
    assert get(If_None_Match=f'"other", W/{etag}') == (304, b"")
    assert get(If_None_Match="*") == (304, b"")
    assert get(If_None_Match='"other"') == (200, b"0123456789")
    assert api.http.head(href).headers["content-length"] == "10"
    for other in ("none", "files", "files/a b/ü.txt/below", "files/a b/ü.txt/"):
        assert api.http.get(f"/v1/executions/{name}/artifacts/{other}").status_code == 404


@pytest.mark.parametrize(
    ("ipynb", "cells"),
    [
        pytest.param(apis.HELLO, 2, id="a notebook"),
        pytest.param(
            apis.HELLO.replace('"nbformat_minor": 5', '"nbformat_minor": "5"'), 2, id="odd"
        ),
        pytest.param('{"nbformat": 3, "cells": []}', 1, id="of an older format"),
        pytest.param("[" * 100_000, 1, id="nested without end"),
        pytest.param("no notebook", 1, id="none at all"),
    ],
)
def test_what_never_ran_is_explained_before_its_source(
    cluster: EmbeddedCluster, api: RunningApi, ipynb: str, cells: int
) -> None:
    name = f"never-ran-{blob_digest(ipynb.encode())[-8:]}"
    apis.apply_execution(cluster, name, {"notebook": {"ipynb": ipynb}})
    apis.write_status(cluster, name, {"phase": "Failed", "reason": "InvalidNotebook"})
    path = f"/v1/executions/{name}"
    eventually(lambda: api.http.get(path).json().get("phase") == "Failed", "the end is known")

    answer = api.http.get(f"{path}/artifacts/notebook.ipynb")

    assert answer.status_code == 200, answer.text
    assert len(answer.json()["cells"]) == cells
    assert "InvalidNotebook" in answer.json()["cells"][0]["source"][0]


@pytest.mark.parametrize(
    "earlier",
    [
        pytest.param([], id="it was killed before anything was kept"),
        pytest.param([{"number": 1, "claimedAt": "2026-11-22T12:00:00.000000Z"}], id="it ran once"),
    ],
)
@pytest.mark.parametrize("progress", [None, {"cells_total": 7, "cells_completed": 3}])
def test_what_was_claimed_never_reads_as_what_did_not_run(
    cluster: EmbeddedCluster,
    api: RunningApi,
    earlier: list[dict[str, Any]],
    progress: dict[str, int] | None,
) -> None:
    name = f"began-{len(earlier)}-{progress is None}".lower()
    apis.apply_execution(cluster, name, {"notebook": {"ipynb": apis.HELLO}})
    run = FakeRun(cluster, api, name)
    if not earlier:
        run.make_pod().claim()
        if progress is not None:
            assert run.call("POST", intake.PROGRESS_PATH, json=_camel(progress)).status_code == 204
    attempts = [*earlier, *apis.resource(cluster, name)["status"].get("attempts", [])]
    lost = {"phase": "Failed", "reason": "PodLost", "message": "the pod is gone"}
    apis.write_status(cluster, name, {**lost, "attempts": attempts})
    path = f"/v1/executions/{name}"
    eventually(lambda: api.http.get(path).json().get("phase") == "Failed", "the end is known")

    said = "".join(api.http.get(f"{path}/artifacts/notebook.ipynb").json()["cells"][0]["source"])

    assert "did not run" not in said
    assert "began to run" in said
    assert "PodLost" in said
    known = progress is not None and not earlier
    assert ("3 of its 7 code cells" in said) is known
    assert ("is not known" in said) is not known
    for page in ("notebook.html", "report.html"):
        shown = api.http.get(f"{path}/artifacts/{page}").text
        assert "did not run" not in shown
        assert "began to run" in shown


def _camel(progress: dict[str, int]) -> dict[str, int]:
    return {to_camel(name): value for name, value in progress.items()}


def test_what_nobody_pinned_is_explained_before_the_notebook_as_it_is(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    apis.apply_execution(cluster, "never-pinned", {"notebook": {"name": "customers"}})
    apis.write_status(cluster, "never-pinned", {"phase": "Failed", "reason": "QueueTimeout"})
    eventually(
        lambda: api.http.get("/v1/executions/never-pinned").json().get("phase") == "Failed",
        "the end is known",
    )

    cells = api.http.get("/v1/executions/never-pinned/artifacts/notebook.ipynb").json()["cells"]

    assert "QueueTimeout" in cells[0]["source"][0]
    assert cells[1]["source"] == "print('hello')"
