"""Clients of jupyrest and Noteburst go on as they were, whatever end their runs come to."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest

from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import older_surfaces
from tests.support.old_clients import (
    Completion,
    JupyrestClient,
    NoteburstClient,
    NoteburstStatus,
)
from tests.support.older_surfaces import RAISED

End = Callable[[FakeRun], None]


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    older_surfaces.serve(cluster, api)


@pytest.fixture
async def client(api: RunningApi) -> AsyncIterator[JupyrestClient]:
    async with JupyrestClient(api.url) as client:
        yield client


def raises(run: FakeRun) -> None:
    run.make_pod().claim()
    run.upload("notebook.ipynb", apis.HELLO.encode(), "application/x-ipynb+json")
    run.result("NotebookRaised", **RAISED)


def is_lost(run: FakeRun) -> None:
    """The pod is gone before anything was reported, and the operator says so."""
    apis.write_status(run.cluster, run.name, {"phase": "Failed", "reason": "PodLost"})


def is_cancelled(run: FakeRun) -> None:
    apis.write_status(run.cluster, run.name, {"phase": "Cancelled", "reason": "Cancelled"})


async def test_jupyrests_client_runs_a_notebook_to_its_end(
    cluster: EmbeddedCluster, api: RunningApi, client: JupyrestClient
) -> None:
    name = await client.execute("team/old", {"name": "microsoft"})
    polling = asyncio.create_task(client.completed(name))
    await asyncio.to_thread(FakeRun(cluster, api, name).succeed, 5)

    shown = await polling
    assert shown.execution_completion_status is Completion.SUCCEEDED
    assert shown.execution_start_ts is not None
    assert shown.execution_end_ts is not None
    assert shown.execution_end_ts > shown.execution_start_ts
    artifacts = shown.artifacts or {}
    assert set(artifacts) == {"html", "ipynb", "html_report", "output"}
    assert "hello" in await client.text(artifacts["html"])
    assert "hello" not in await client.text(artifacts["html_report"])
    assert await client.json(artifacts["ipynb"]) == json.loads(apis.HELLO)
    assert await client.json(artifacts["output"]) == 5


@pytest.mark.parametrize("end", [raises, is_lost, is_cancelled])
async def test_jupyrests_client_ends_whatever_the_end(
    cluster: EmbeddedCluster, api: RunningApi, client: JupyrestClient, end: End
) -> None:
    name = await client.execute("team/old", {"name": "microsoft"})
    await asyncio.to_thread(end, FakeRun(cluster, api, name))

    shown = await client.completed(name)

    assert shown.execution_completion_status is Completion.FAILED
    assert (shown.has_output, shown.has_exception) == (False, True)
    artifacts = shown.artifacts or {}
    assert set(artifacts) == {"html", "ipynb", "html_report", "exception"}
    assert "<html" in await client.text(artifacts["html"])
    assert "<html" in await client.text(artifacts["html_report"])
    assert (await client.json(artifacts["ipynb"]))["nbformat"] == 4
    assert await client.text(artifacts["exception"])


def test_noteburst_clients_get_their_notebook_back(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    client = NoteburstClient(api.url, "gt-of-its-own")
    job = client.submit(apis.HELLO)
    assert (job.status, job.success) == (NoteburstStatus.QUEUED, None)
    FakeRun(cluster, api, job.job_id).succeed()

    complete = client.get(job)

    assert (complete.status, complete.success) == (NoteburstStatus.COMPLETE, True)
    assert (complete.ipynb, complete.ipynb_error) == (apis.HELLO, None)
    assert complete.runtime.total_seconds() == 1.5


@pytest.mark.parametrize(
    ("end", "success"), [(raises, True), (is_lost, False), (is_cancelled, False)]
)
def test_noteburst_clients_end_whatever_the_end(
    cluster: EmbeddedCluster, api: RunningApi, end: End, success: bool
) -> None:
    client = NoteburstClient(api.url, "gt-of-its-own")
    job = client.submit(apis.HELLO)
    end(FakeRun(cluster, api, job.job_id))
    eventually(lambda: client.get(job).status is NoteburstStatus.COMPLETE, "the end")

    complete = client.get(job)

    assert complete.success is success
    assert (complete.ipynb_error is not None) is success
    assert complete.runtime.total_seconds() > 0
