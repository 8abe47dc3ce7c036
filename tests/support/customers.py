"""A notebook that wants a customer's name, and calls of it."""

from typing import Any

import httpx

from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster

CUSTOMER = {
    "type": "object",
    "properties": {"customer_name": {"type": "string"}, "since": {"format": "date-time"}},
    "required": ["customer_name"],
}
MICROSOFT = {"parameters": {"customer_name": "microsoft"}}
DEEP = "/v1/notebooks/reports/2026%20%C3%A9/deep.v1"


def serve(cluster: EmbeddedCluster, *replicas: RunningApi) -> None:
    """Have the notebook `customers`, and one with a deep id and no contract, served."""
    for name, spec in (
        ("customers", {"input": CUSTOMER}),
        ("deep", {"id": "reports/2026 é/deep.v1"}),
    ):
        if cluster.request("GET", f"{apis.CUSTOM}/notebooks/{name}")[0] != 200:
            apis.put_notebook(cluster, name, **spec)
    for replica in replicas:
        assert replica.http.get(DEEP).status_code == 200


def post(api: RunningApi, body: Any = MICROSOFT, **arguments: Any) -> httpx.Response:
    return api.http.post("/v1/notebooks/customers/executions", json=body, **arguments)


def created(api: RunningApi, body: Any = MICROSOFT) -> str:
    answer = post(api, body)
    assert answer.status_code == 202, answer.text
    name: str = answer.json()["id"]
    return name
