"""Notebooks as the older surfaces know them, and what their answers have in common."""

import re
from typing import Any

from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

INPUT = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
MODEL = {
    "x-podbook-import": "models:Sample",
    "type": "object",
    "properties": {"foo": {"type": "string"}, "next": {"$ref": "#/$defs/When"}},
    "$defs": {"When": {"type": "string", "format": "date-time"}},
}
TREE = {
    "$ref": "#/$defs/Node",
    "$defs": {"Node": {"type": "object", "properties": {"child": {"$ref": "#/$defs/Node"}}}},
}
RAISED: dict[str, Any] = {
    "message": "ValueError: no",
    "exception": {"name": "ValueError", "value": "no", "cell": 0, "traceback": "Traceback: no"},
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
STARTED, FINISHED = "2026-11-22T12:00:00.000000Z", "2026-11-22T12:00:01.500000Z"


def serve(cluster: EmbeddedCluster, api: RunningApi) -> None:
    """Have the notebooks served; once for all tests of a session."""
    if api.http.get("/v1/notebooks/last-old").is_success:
        return
    apis.put_notebook(cluster, "old", id="team/old", input=INPUT, output={"type": "integer"})
    models = {
        "sample": {"import": "models:Sample", "schema": MODEL},
        "tree": {"import": "models:Tree", "schema": TREE},
    }
    shared = {"properties": {"a": {"items": {"$ref": "nbschema://sample"}}}}
    tree = {"properties": {"t": {"$ref": "nbschema://tree"}}}
    apis.put_notebook(cluster, "shared", input=shared, output=tree, models=models)
    apis.put_notebook(cluster, "guessed", input=INPUT, inferred=True)
    apis.put_notebook(cluster, "last-old")
    eventually(lambda: api.http.get("/v1/notebooks/last-old").is_success, "they are served")
