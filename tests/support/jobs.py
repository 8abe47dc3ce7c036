"""A notebook with files and a contract of its own, and runs of it."""

from typing import Any

from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster

FILES = [{"path": "models.py", "text": "x = 1"}, {"path": "data/ü.csv", "text": "a;b"}]
CONTRACT: dict[str, Any] = {
    "input": {"type": "object", "properties": {"x": {}}},
    "output": {"type": "integer"},
    "files": FILES,
    "runtime": {"workdir": "catalog", "pythonPath": ["lib"]},
    "defaults": {"deadlineSeconds": 77},
}


def serve(cluster: EmbeddedCluster, api: RunningApi) -> None:
    """Have the notebook `a/jobs` served."""
    if not api.http.get("/v1/notebooks/a/jobs").is_success:
        apis.put_notebook(cluster, "jobs", id="a/jobs", **CONTRACT)
        assert api.http.get("/v1/notebooks/a/jobs").is_success


def queued(cluster: EmbeddedCluster, api: RunningApi) -> FakeRun:
    """Return a run that waits for its pod."""
    answer = api.http.post("/v1/notebooks/a/jobs/executions", json={"parameters": {"x": 1}})
    return FakeRun(cluster, api, answer.json()["id"])
