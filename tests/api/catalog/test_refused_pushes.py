"""A push of what could never run is refused, with the place, and nothing is stored."""

from typing import Any

import pytest

from rig import api as apis
from rig.api import RunningApi
from tests.support.pushed import A_FILE, BYTES, blob, kind, push, spec
from tests.support.unusable_contracts import UNUSABLE, USABLE


@pytest.mark.parametrize(
    ("notebook", "change", "pointer"),
    [
        pytest.param("wrong", {"inptu": {}}, "/spec/inptu", id="a field that there is not"),
        pytest.param("wrong", {"id": "right"}, "/spec", id="another id than the address"),
        pytest.param("wrong", {"problem": "broken"}, "/spec", id="a notebook that cannot run"),
        pytest.param("a//b", {}, "/spec", id="an id that is no path"),
        pytest.param("wrong/executions", {}, "/spec", id="an id that a run's address would have"),
        pytest.param(
            "wrong",
            {"source": {"blob": "sha256:x"}},
            "/spec/source/blob",
            id="a blob that is none",
        ),
        pytest.param(
            "wrong",
            {"runtime": {"resources": {"limits": {"memory": "much"}}}},
            "/spec",
            id="an amount that is none",
        ),
        pytest.param("wrong", {"files": [A_FILE, A_FILE]}, "/spec", id="one file twice"),
        pytest.param(
            "wrong",
            {"files": [A_FILE, {**A_FILE, "path": "a/b"}]},
            "/spec",
            id="a file below a file",
        ),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_place(
    api: RunningApi, notebook: str, change: dict[str, Any], pointer: str
) -> None:
    refused = push(api, notebook, spec={**spec(api), **change})

    assert refused.status_code in (400, 422), refused.text
    if refused.status_code == 422:
        assert any(e["pointer"].startswith(pointer) for e in refused.json()["errors"])


def test_a_contract_that_cannot_be_used_is_not_stored(api: RunningApi) -> None:
    stored = spec(api)
    for name, contract in UNUSABLE:
        refused = push(api, f"no-contract/{name}", spec={**stored, **contract})

        assert (refused.status_code, kind(refused)) == (409, "invalid-contract"), name
        assert refused.json()["detail"], name
        assert api.http.get(f"/v1/notebooks/no-contract/{name}").status_code == 404
    for name, contract in USABLE:
        taken = push(api, f"a-contract/{name}", spec={**stored, **contract})
        assert taken.status_code == 201, (name, taken.text)


def test_what_is_required_can_be_given(api: RunningApi) -> None:
    push(
        api,
        "requiring",
        spec=spec(api, cell="x") | {"input": {"type": "object", "required": ["x"]}},
    )

    for parameters, status in (({"x": 1}, 202), ({}, 422), ({"x": 1, "y": 1}, 422)):
        body = {"parameters": parameters}
        answer = api.http.post("/v1/notebooks/requiring/executions", json=body)
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("", "not JSON", id="nothing"),
        pytest.param("{", "not JSON", id="half of it"),
        pytest.param("[" * 100_000, "not JSON", id="nested without end"),
        pytest.param("\udcff", "not JSON", id="no text"),
        pytest.param("[]", "no nbformat", id="a list"),
        pytest.param('{"cells": []}', "no nbformat", id="without a version"),
        pytest.param('{"nbformat": 4}', "no list of cells", id="without cells"),
        pytest.param('{"nbformat": 4, "cells": {}}', "no list of cells", id="cells are no list"),
    ],
)
def test_what_is_no_notebook_is_not_stored(api: RunningApi, content: str, said: str) -> None:
    data = content.encode("utf-8", "surrogateescape")
    digest = api.http.post("/v1/blobs", content=data, headers=BYTES).json()["digest"]
    sources = [{"blob": digest}, *([] if "\udcff" in content else [{"ipynb": content}])]

    for source in sources:
        refused = push(api, "no-notebook", spec={"source": source})

        assert (refused.status_code, kind(refused)) == (422, "invalid-notebook"), refused.text
        assert said in refused.json()["detail"]
    assert api.http.get("/v1/notebooks/no-notebook").status_code == 404


def test_a_notebook_with_numbers_that_json_has_not_is_stored_as_jupyter_saves_it(
    api: RunningApi,
) -> None:
    digest = blob(api, '{"nbformat": 4, "nbformat_minor": 5, "metadata": {"x": NaN}, "cells": []}')

    assert push(api, "not-a-number", spec={"source": {"blob": digest}}).status_code == 201


def test_a_field_that_there_is_not_is_named_with_the_one_that_was_meant(api: RunningApi) -> None:
    misspelt: dict[str, Any] = {
        "inptu": {},
        "output_validation": "off",
        "defaults": {"deadlneSeconds": 5, "retry_limit": 1},
        "runtime": {"resources": {"limit": {}}, "env": [{"name": "A", "vlue": "b"}]},
        "files": [{**A_FILE, "txt": "y"}],
        "webhook": {"url": "https://hooks.example/x", "urk": ""},
        "warm": {"mni": 1},
    }

    refused = push(api, "misspelt", spec={**spec(api), **misspelt}, source={"comit": "abc"})
    assert refused.json()["errors"] == [
        {
            "pointer": "/source/comit",
            "detail": "is no field of this request",
            "suggestion": "commit",
        }
    ]
    refused = push(api, "misspelt", spec={**spec(api), **misspelt})

    assert (refused.status_code, kind(refused)) == (422, "invalid-request")
    meant = {e["pointer"]: e.get("suggestion") for e in refused.json()["errors"]}
    assert meant == {
        "/spec/inptu": "input",
        "/spec/output_validation": "outputValidation",
        "/spec/defaults/deadlneSeconds": "deadlineSeconds",
        "/spec/defaults/retry_limit": "retryLimit",
        "/spec/runtime/resources/limit": "limits",
        "/spec/runtime/env/0/vlue": "value",
        "/spec/files/0/txt": "text",
        "/spec/webhook/urk": "url",
        "/spec/warm/mni": "min",
    }
    assert "did you mean 'deadlineSeconds'?" in refused.json()["detail"]
    run = {"runtime": {"envv": [], "resources": {"limit": {}}}}
    answer = api.http.post("/v1/executions", json={"ipynb": apis.HELLO, **run})
    meant = {e["pointer"]: e.get("suggestion") for e in answer.json()["errors"]}
    assert meant == {"/runtime/envv": "env", "/runtime/resources/limit": "limits"}
