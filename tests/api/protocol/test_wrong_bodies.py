"""What is wrong with a body is said in the caller's words, never in those of the code."""

import re
from typing import Any

import pytest

from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from tests.support import older_surfaces

RUN = "/v1/notebooks/team/old/executions"
INLINE = "/v1/executions"
A = "/api/NotebookExecutions"
B = "/api/notebooks/team/old/execute"
C = "/noteburst/v1/notebooks/"
NB = {"ipynb": apis.HELLO}
# Names of classes, and what only Python calls so.
OF_THE_CODE = re.compile(r"[a-z][A-Z]\w+Request|Submission|Override|pydantic|instance|dict|json-or")


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    older_surfaces.serve(cluster, api)


@pytest.mark.parametrize(
    ("path", "status"), [(RUN, 422), (INLINE, 422), (A, 422), (B, 400), (C, 422)]
)
@pytest.mark.parametrize("body", ["[]", '"text"', "5", "null", "true"])
def test_a_body_that_is_no_object(api: RunningApi, path: str, status: int, body: str) -> None:
    answer = api.http.post(path, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == status
    assert "has to be a JSON object" in answer.text
    assert not OF_THE_CODE.search(answer.text)


@pytest.mark.parametrize(
    ("path", "body", "pointer", "says"),
    [
        (RUN, {"parameters": []}, "/parameters", "has to be a JSON object"),
        (RUN, {"parametres": {}}, "/parametres", "is no field of this request"),
        (RUN, {"a/b~c": 1}, "/a~1b~0c", "is no field of this request"),
        (RUN, {"str": 1}, "/str", "is no field of this request"),
        (RUN, {"deadlineSeconds": "60"}, "/deadlineSeconds", "has to be an integer"),
        (RUN, {"runtime": []}, "/runtime", "has to be a JSON object"),
        (RUN, {"runtime": {"env": {}}}, "/runtime/env", "has to be an array"),
        (RUN, {"webhook": "https://a.example"}, "/webhook", "has to be a JSON object"),
        (RUN, {"outputValidation": 1}, "/outputValidation", "'enforce', 'report' or 'off'"),
        (RUN, {"digest": "abc"}, "/digest", "has to match pattern '^sha256:"),
        (INLINE, {}, "/ipynb", "is required"),
        (INLINE, {"ipynb": 5}, "/ipynb", "has to be a string or a JSON object"),
    ],
)
def test_a_wrong_field_is_named_on_v1(
    api: RunningApi, path: str, body: Any, pointer: str, says: str
) -> None:
    answer = api.http.post(path, json=body)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert says in answer.json()["errors"][0]["detail"]
    assert not OF_THE_CODE.search(answer.text)


@pytest.mark.parametrize(
    ("body", "loc", "says"),
    [
        ([], ["body"], "has to be a JSON object"),
        ({}, ["body", "ipynb"], "is required"),
        ({"ipynb": 5}, ["body", "ipynb"], "has to be a string or a JSON object"),
        ({**NB, "timeout": "soon"}, ["body", "timeout"], '"5m"'),
        ({**NB, "timeout": True}, ["body", "timeout"], '"5m"'),
        ({**NB, "timeout": 0}, ["body", "timeout"], "has to be greater than 0"),
        ({**NB, "enable_retry": "maybe"}, ["body", "enable_retry"], "has to be true or false"),
        ({**NB, "webhook": {"url": "x"}}, ["body", "webhook", "url"], "absolute"),
    ],
)
def test_a_wrong_field_is_named_on_noteburst(
    api: RunningApi, body: Any, loc: list[str], says: str
) -> None:
    answer = api.http.post(C, json=body)

    assert answer.status_code == 422
    detail = answer.json()["detail"][0]
    assert (detail["loc"], set(detail)) == (loc, {"loc", "msg", "type"})
    assert says in detail["msg"]
    assert not OF_THE_CODE.search(answer.text)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "/notebook: is required"),
        ({"notebook": 5}, "/notebook: has to be a string"),
        ({"notebook": "team/old", "parameters": 1}, "/parameters: has to be a JSON object"),
    ],
)
def test_a_wrong_field_is_named_on_jupyrests_first_surface(
    api: RunningApi, body: Any, says: str
) -> None:
    answer = api.http.post(A, json=body)

    assert (answer.status_code, answer.json()) == (422, {"detail": says})
