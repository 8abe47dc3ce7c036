"""Pushes notebooks over REST, as whoever writes a catalog does."""

import json
from typing import Any

import httpx

from rig import api as apis
from rig.api import RunningApi

BYTES = {"Content-Type": "application/octet-stream"}
A_FILE = {"path": "a", "text": "x"}
INPUT = {"type": "object", "properties": {"x": {"type": "integer", "default": 1}}}


def blob(api: RunningApi, text: str) -> str:
    answer = api.http.post("/v1/blobs", content=text.encode(), headers=BYTES)
    assert answer.status_code == 201, answer.text
    digest: str = answer.json()["digest"]
    return digest


def spec(api: RunningApi, cell: str = "1", **more: Any) -> dict[str, Any]:
    ipynb = json.loads(apis.HELLO)
    ipynb["cells"][0]["source"] = cell
    return {"source": {"blob": blob(api, json.dumps(ipynb))}, "input": INPUT, **more}


def push(api: RunningApi, notebook: str, *, if_match: str = "", **body: Any) -> httpx.Response:
    headers = {"If-Match": f'"{if_match}"'} if if_match else {}
    return api.http.put(
        f"/v1/notebooks/{notebook}", json={"catalog": "sales", **body}, headers=headers
    )


def kind(answer: httpx.Response) -> str:
    return str(answer.json().get("type", "")).removeprefix("urn:podbook:problem:")
