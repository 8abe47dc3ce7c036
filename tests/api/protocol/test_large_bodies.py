"""Large bodies are read in processes, and answered as small ones are."""

import asyncio
import json
from typing import Any

import pytest

from podbook_api.http.large_bodies import AT_ONCE, BodyTooLarge, LargeBodies, ParametersTooLarge
from podbook_crds.formats.strict_json import NotJson
from rig.api import RunningApi, put_notebook
from rig.embedded import EmbeddedCluster
from rig.until import eventually

FILLING = "é😀, " * (AT_ONCE // 6)
NOTEBOOK: dict[str, Any] = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "P"}},
    "cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": FILLING}],
}
RUN = "/v1/executions?dryRun=true"


async def test_whatever_a_large_body_holds_others_are_answered_meanwhile() -> None:
    large, turns = LargeBodies(memory=200 * 1024**2), 0

    async def answered(data: bytes) -> Any:
        nonlocal turns
        reading = asyncio.ensure_future(large.read(data))
        turns = 0
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
        return reading.exception() or reading.result()

    objects = b'{"parameters": {"x": [' + b"{}," * 150_000 + b"1]}}"
    refused = await answered(objects)
    assert isinstance(refused, ParametersTooLarge), refused
    assert turns > 100
    inside = json.dumps({"ipynb": {**NOTEBOOK, "metadata": {"x": [{}] * 50_000}}}).encode()
    body = await answered(inside)
    assert (body.came_along.problem, len(body.value["ipynb"]) > AT_ONCE) == (None, True)
    assert turns > 100
    many = b'{"ipynb": {"nbformat": 4, "cells": [' + b"[]," * 2_500_000 + b"1]}}"
    assert isinstance(await answered(many), BodyTooLarge)
    assert turns > 100
    for wrong in (b"[" * AT_ONCE + b"1", b'{"a": 1, "a": 2}' + b" " * AT_ONCE):
        assert isinstance(await answered(wrong), NotJson)
    await large.close()


@pytest.mark.parametrize("ipynb", [NOTEBOOK, json.dumps(NOTEBOOK)], ids=["an object", "text"])
def test_a_large_notebook_is_taken(api: RunningApi, ipynb: object) -> None:
    shown = api.http.post(RUN, json={"ipynb": ipynb, "parameters": {"x": 1}})
    taken = api.http.post("/noteburst/v1/notebooks/", json={"ipynb": ipynb})

    assert shown.status_code == 200, shown.text
    sources = ["".join(cell["source"]) for cell in shown.json()["cells"]]
    assert sources == ["# Parameters\nx = 1\n", FILLING]
    assert taken.status_code == 202, taken.text


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"ipynb": {"cells": []}}, 422, "it has no nbformat"),
        ({"ipynb": "{"}, 422, "ipynb is not JSON"),
        ({"ipynb": 5}, 422, "/ipynb"),
        ({"ipynb": {}, "nonsense": 1}, 422, "/nonsense"),
        ([], 422, ""),
    ],
)
def test_what_is_wrong_is_told_alike_of_small_and_large_bodies(
    api: RunningApi, body: Any, status: int, said: str
) -> None:
    text = json.dumps(body)
    for content in (text, text + " " * AT_ONCE):
        headers = {"Content-Type": "application/json"}
        answer = api.http.post(RUN, content=content, headers=headers)

        assert answer.status_code == status, answer.text
        assert said in answer.text


def test_large_parameters_are_taken_as_they_are(cluster: EmbeddedCluster, api: RunningApi) -> None:
    put_notebook(cluster, "large-parameters")
    eventually(lambda: api.http.get("/v1/notebooks/large-parameters").is_success, "it is served")
    sent = {"x": [1.5, 1.0, 2**60, None, "é"] * 5500}

    made = api.http.post("/v1/notebooks/large-parameters/executions", json={"parameters": sent})

    assert made.status_code == 202, made.text
    assert api.http.get(made.headers["location"]).json()["parameters"] == sent
