"""Whatever JSON can say goes into a notebook and comes out of it as it was."""

import json
from typing import Any

import httpx
import pytest

from rig.ipynb import notebook
from rig.running import RunningPodbook

ECHO = notebook(
    "from podbook import save_output\nsave_output(value)\nprint(ascii(value))",
    parameters="value = None",
)
VALUES: list[Any] = [
    [None, True, False, [], {}],
    [0, -1, 2**53 + 1, 2**70, -(2**70)],
    [1.0, -0.0, 0.1, 1e308, 5e-324, 1e16],
    ["", "zwölf 🎻", "'\"\\", '"""', "a\nb\r\tc\0", "\u2028\u2029", "{x} %s $y \\N{DASH}"],
    "\ud800",
    {"\udfff": "\ud800\ud800", "": {" ": 1}},
    json.loads("[" * 70 + "]" * 70),
]


@pytest.fixture(scope="module", autouse=True)
def echo(podbook: RunningPodbook) -> None:
    podbook.put("echoes", ECHO)


def post(podbook: RunningPodbook, value: str) -> httpx.Response:
    """Send the JSON text as the parameter's value."""
    return podbook.http.post(
        "/v1/notebooks/echoes/executions?wait=60",
        content=f'{{"parameters": {{"value": {value}}}}}',
        headers={"Content-Type": "application/json"},
    )


@pytest.mark.parametrize("value", VALUES, ids=lambda value: ascii(value)[:20])
def test_a_value_comes_back_as_it_was_sent(podbook: RunningPodbook, value: Any) -> None:
    execution = podbook.finished(post(podbook, json.dumps(value)).json()["id"])

    assert execution["phase"] == "Succeeded", execution["message"]
    assert repr(execution["output"]) == repr(value)
    assert repr(execution["parameters"]["value"]) == repr(value)


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "1e400"])
def test_what_json_does_not_have_is_refused(podbook: RunningPodbook, text: str) -> None:
    answer = post(podbook, text)

    assert answer.status_code == 400
    assert text.removeprefix("-") in answer.json()["detail"]
