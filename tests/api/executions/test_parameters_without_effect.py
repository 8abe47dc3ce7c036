"""A parameter that changes nothing is refused where that is sure, and told of where it is not."""

import json
from typing import Any

import pytest

from podbook_api.submit.named_in_cells import named
from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from rig.ipynb import notebook

INFERRED = {
    "inferred": True,
    "input": {"type": "object", "properties": {"epochs": {"type": "integer", "default": 3}}},
}
WRITTEN = {"input": {"type": "object", "properties": {"epochs": {"type": "integer"}}}}
CELLS = ("print(epochs, globals().get('seed'))", "region = 'north'", "print(region)")
FINE, REFUSED = 202, 422
UNKNOWN, OVERWRITTEN = "unknown-parameter", "parameter-overwritten"

# The notebook's settings, what the call sends, the status, and what is told of which name.
ROWS: list[tuple[dict[str, Any], dict[str, Any], int, list[tuple[str, str, str | None]]]] = [
    (INFERRED, {"epochs": 1}, FINE, []),
    (INFERRED, {"epoch": 1}, REFUSED, [("", "/parameters/epoch", "epochs")]),
    (INFERRED, {"seed": 1}, FINE, [(UNKNOWN, "/parameters/seed", None)]),
    (INFERRED, {"region": "s"}, FINE, [(UNKNOWN, "/parameters/region", None)]),
    (WRITTEN, {"epoch": 1}, REFUSED, [("", "/parameters/epoch", "epochs")]),
    ({**WRITTEN, "inputValidation": "report"}, {"epoch": 1}, FINE, [
        (UNKNOWN, "/parameters/epoch", "epochs")
    ]),
    ({**WRITTEN, "inputValidation": "off"}, {"epoch": 1}, FINE, []),
    ({**INFERRED, "inputValidation": "enforce"}, {"seed": 1}, REFUSED, [
        ("", "/parameters/seed", None)
    ]),
    ({**INFERRED, "inputValidation": "report"}, {"epoch": 1}, FINE, [
        (UNKNOWN, "/parameters/epoch", "epochs")
    ]),
]  # fmt: skip


def test_each_way_in_which_a_parameter_has_no_effect(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    ipynb = json.dumps(notebook(*CELLS, parameters="epochs = 3"))
    for number, (settings, parameters, status, told) in enumerate(ROWS):
        name = f"without-effect-{number}"
        apis.put_notebook(cluster, name, source={"ipynb": ipynb}, **settings)
        path = f"/v1/notebooks/{name}/executions"
        answer = api.http.post(path, json={"parameters": parameters})
        assert answer.status_code == status, (settings, parameters, answer.text)
        body = answer.json()
        listed = body["errors"] if status == REFUSED else body["warnings"]
        found = [
            (each.get("type", "").rpartition(":")[2], each["pointer"], each.get("suggestion"))
            for each in listed
        ]
        assert (OVERWRITTEN in [kind for kind, *_ in found]) == ("region" in parameters)
        assert [each for each in found if each[0] != OVERWRITTEN] == told, (settings, parameters)


def test_a_call_says_itself_what_a_parameter_without_effect_means(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    ipynb = json.dumps(notebook(*CELLS, parameters="region = ''"))
    schema = {"type": "object", "properties": {"region": {"type": "string"}}}
    apis.put_notebook(cluster, "overwritten", source={"ipynb": ipynb}, input=schema)
    path, parameters = "/v1/notebooks/overwritten/executions", {"region": "south"}

    plain = api.http.post(path, json={"parameters": parameters}).json()
    strict = api.http.post(path, json={"parameters": parameters, "inputValidation": "enforce"})
    silent = api.http.post(path, json={"parameters": parameters, "inputValidation": "off"}).json()

    assert [(w["type"].rpartition(":")[2], w["cell"]) for w in plain["warnings"]] == [
        (OVERWRITTEN, 2)
    ]
    assert strict.status_code == REFUSED
    assert "cell 2 sets 'region' anew" in strict.text
    assert silent["warnings"] == []


@pytest.mark.parametrize(
    ("cells", "overwritten"),
    [
        pytest.param(["x = 1"], {"x": 1}, id="set anew"),
        pytest.param(["x: int = 1"], {"x": 1}, id="with a type"),
        pytest.param(["x = int(x)"], {}, id="made of what was given"),
        pytest.param(["print(x)", "x = 1"], {}, id="read before"),
        pytest.param(["x += 1"], {}, id="added to"),
        pytest.param(["if True:\n    x = 1"], {}, id="not always"),
        pytest.param(["def f():\n    x = 1"], {}, id="of a function"),
        pytest.param(["%time x = 1", "x = 2"], {}, id="in what IPython alone understands"),
        pytest.param(["y = 2", "x = 1"], {"y": 1, "x": 2}, id="in a later cell"),
        pytest.param(["(", "x = 1"], {"x": 2}, id="behind a cell that is no Python"),
    ],
)
def test_what_counts_as_overwritten(cells: list[str], overwritten: dict[str, int]) -> None:
    ipynb = json.dumps(notebook(*cells, parameters="x = 0\ny = 0"))
    assert named(ipynb, is_python=True).overwritten == overwritten
    assert named(ipynb, is_python=False).overwritten == {}
    assert not named("{", is_python=True).known
