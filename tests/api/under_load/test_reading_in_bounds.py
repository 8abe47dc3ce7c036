"""Whatever a run left, the API's own process never reads it whole: no answer holds the others up.

A value of small objects takes tens of times its text in memory, and shows where it was made.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from podbook_crds.content import blob_digest, blob_path
from podbook_crds.names import EXECUTION_PLURAL, NOTEBOOK_ARTIFACT, OUTPUT_ARTIFACT
from podbook_crds.protocol import intake
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import agents, jobs
from tests.support.needed_rights import NEEDED

JSON = "application/json"
MIB = 1024 * 1024
# A few copies of a text may be on their way; each of the values below takes more than 40 MiB.
ALLOWED = 30 * MIB
OUTPUT = b"[" + b"{}," * 600_000 + b"1]"
NOTEBOOK = (
    b'{"nbformat": 4, "nbformat_minor": 5, "cells": [], "metadata": {"x": ['
    + b"{}," * 600_000
    + b"1]}}"
)
TAKES = {"properties": {"n": {"type": "integer"}}}
DEEP = {"small": b"[" * 30_000 + b"]" * 30_000, "large": b"[" * 2_000_000 + b"]" * 2_000_000}

# What is no notebook has no page; the older surfaces have a code of their own for it.
PAGE = {200, 400, 422}

# Below the execution's id, each route that shows one, in every form that has something to read.
SHOWN: dict[str, list[tuple[str, int | None]]] = {
    "/v1/executions/{execution_id}": [("", 200), ("?wait=1", 200)],
    "/v1/executions/{execution_id}/events": [("", 200)],
    "/v1/executions/{execution_id}/artifacts/{name:path}": [
        *((f"/{name}", 200) for name in (OUTPUT_ARTIFACT, NOTEBOOK_ARTIFACT)),
        ("/notebook.html", None),
    ],
    "/api/NotebookExecutions": [("&output=true", 200), ("&ipynb=true", 200), ("&html=true", None)],
    "/api/notebook_executions/{execution_id}": [("", 200)],
    "/api/notebook_executions/{execution_id}/artifacts/{name}": [
        ("/output", 200),
        ("/ipynb", 200),
        ("/html", None),
    ],
    "/noteburst/v1/notebooks/{job_id}": [("?source=true", 200)],
}


def addresses(name: str) -> Iterator[tuple[str, int | None]]:
    for path, forms in SHOWN.items():
        whole = re.sub(r"/\{name.*", "", re.sub(r"\{\w+_id\}", name, path))
        for form, status in forms:
            query = f"?executionId={name}{form}" if path == "/api/NotebookExecutions" else form
            yield whole + query, status


def test_every_route_that_shows_an_execution_is_walked() -> None:
    shows = {
        path
        for (method, path), needed in NEEDED.items()
        if method == "GET" and needed and needed[:2] == ("get", EXECUTION_PLURAL) and needed[2]
    }

    assert set(SHOWN) == shows


@contextmanager
def modest(api: RunningApi) -> Iterator[None]:
    """Fail where the API's process takes much more memory meanwhile, be it for a moment."""
    process = Path("/proc", str(api.process.pid))
    (process / "clear_refs").write_text("5")  # Sets the peak back to what there is now.
    before = _memory(process)
    yield
    assert _memory(process) - before < ALLOWED


def _memory(process: Path) -> int:
    (line,) = (x for x in (process / "status").read_text().splitlines() if x.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def blob(api: RunningApi, data: bytes) -> str:
    """Put it into the API's store, as the catalog's reader does; return its digest."""
    digest = blob_digest(data)
    path = api.store / blob_path(digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return digest


def left(run: FakeRun, *, output: bytes, notebook: bytes) -> FakeRun:
    run.make_pod().claim()
    run.upload(NOTEBOOK_ARTIFACT, notebook, "application/x-ipynb+json")
    run.upload(OUTPUT_ARTIFACT, output, JSON)
    (kept,) = (a for a in run.artifacts if a["name"] == OUTPUT_ARTIFACT)
    answer = run.result(hasOutput=True, outputRef=kept)
    assert answer.json() == {"final": True}, answer.text
    return run


@pytest.fixture(scope="module")
def large(cluster: EmbeddedCluster, api: RunningApi) -> FakeRun:
    jobs.serve(cluster, api)
    return left(jobs.queued(cluster, api), output=OUTPUT, notebook=NOTEBOOK)


def test_no_route_reads_what_is_large(api: RunningApi, large: FakeRun) -> None:
    with modest(api):
        for address, status in addresses(large.name):
            answer = api.http.get(address)
            assert answer.status_code in ({status} if status else PAGE), address
        shown = api.http.get(f"/v1/executions/{large.name}").content
        older = api.http.get(f"/api/NotebookExecutions?executionId={large.name}&output=true")
        noteburst = api.http.get(f"/noteburst/v1/notebooks/{large.name}").content

    assert json.loads(shown)["output"] == older.json()["output"] == json.loads(OUTPUT)
    assert json.loads(noteburst)["ipynb"] == NOTEBOOK.decode()


def test_agents_read_the_beginning_of_what_is_large(api: RunningApi, large: FakeRun) -> None:
    agents.tools(api.url)
    with modest(api):
        result = agents.call(api.url, "2026-07-28", "get_execution", {"executionId": large.name})

    assert result.structured_content is not None
    assert (result.structured_content["phase"], result.structured_content["outputOmitted"]) == (
        "Succeeded",
        True,
    )
    assert "[\n {},\n {}," in agents.text_of(result)
    assert OUTPUT_ARTIFACT in agents.text_of(result)


@pytest.mark.parametrize("size", DEEP)
def test_what_is_nested_without_end_is_told_of_and_shown_as_a_file(
    cluster: EmbeddedCluster, api: RunningApi, size: str
) -> None:
    jobs.serve(cluster, api)
    notebook = b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ' + DEEP[size] + b"}"
    run = left(jobs.queued(cluster, api), output=DEEP[size], notebook=notebook)

    for address, status in addresses(run.name):
        answer = api.http.get(address)
        assert answer.status_code in ({status} if status else PAGE), (address, answer.text)
    shown = api.http.get(f"/v1/executions/{run.name}").json()
    assert (shown["hasOutput"], shown["output"]) == (True, None)
    address = f"/v1/executions/{run.name}/artifacts/{OUTPUT_ARTIFACT}"
    assert api.http.get(address).content == DEEP[size]
    result = agents.call(api.url, "2026-07-28", "get_execution", {"executionId": run.name})
    assert result.structured_content is not None
    assert result.structured_content["outputOmitted"] is True


def test_the_source_of_what_never_ran_and_a_runners_report_are_not_read_there_either(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    jobs.serve(cluster, api)
    reports = jobs.queued(cluster, api)
    apis.put_notebook(cluster, "large-source", source={"blob": blob(api, NOTEBOOK)}, input=TAKES)
    eventually(lambda: api.http.get("/v1/notebooks/large-source").is_success, "it is served")
    reports.make_pod().claim()
    body: dict[str, Any] = {"reason": "NotebookCompleted", "hasOutput": True}
    sent = json.dumps(body).encode()[:-1] + b', "output": ' + OUTPUT + b"}"

    with modest(api):
        made = api.http.post("/v1/notebooks/large-source/executions", json={"parameters": {"n": 1}})
        name = made.json()["id"]
        api.http.post(f"/v1/executions/{name}/cancel")
        apis.write_status(
            cluster, name, {"phase": "Failed", "reason": "DeadlineExceeded", "message": "late"}
        )
        at = f"/v1/executions/{name}"
        eventually(lambda: api.http.get(at).json()["phase"] == "Failed", "the end is seen")
        shown = api.http.get(f"{at}/artifacts/{NOTEBOOK_ARTIFACT}")
        taken = reports.call("POST", intake.RESULT_PATH, content=sent)

    assert "This notebook did not run" in shown.text[:1000]
    assert len(shown.content) > len(NOTEBOOK)
    assert taken.json() == {"final": True}
