"""A header that changes what a body means is followed, or refused by its name."""

import gzip
import json
import zlib

import httpx
import pytest

from podbook_crds import names
from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

JSON = {"Content-Type": "application/json"}
# Each surface, and a body that it takes.
POSTS = [
    ("/v1/notebooks/encoded/executions", {"parameters": {"x": "é"}}),
    ("/v1/executions", {"ipynb": apis.HELLO}),
    ("/api/notebooks/encoded/execute", {"parameters": {"x": "é"}}),
    ("/noteburst/v1/notebooks/", {"ipynb": apis.HELLO}),
]


@pytest.fixture(scope="module", autouse=True)
def _notebook(cluster: EmbeddedCluster, api: RunningApi) -> None:
    apis.put_notebook(cluster, "encoded")
    eventually(lambda: api.http.get("/v1/notebooks/encoded").is_success, "it is served")


def send(api: RunningApi, path: str, data: bytes, **headers: str) -> httpx.Response:
    return api.http.post(path, content=data, headers={**JSON, **headers})


@pytest.mark.parametrize(("path", "body"), POSTS)
def test_a_compressed_body_is_read(api: RunningApi, path: str, body: object) -> None:
    data = json.dumps(body).encode()

    assert send(api, path, gzip.compress(data), **{"Content-Encoding": "gzip"}).is_success
    halves = gzip.compress(data[:10]) + gzip.compress(data[10:])
    assert send(api, path, halves, **{"Content-Encoding": "x-gzip, identity"}).is_success
    # Each costs a look at all that follow it.
    crumbs = send(api, path, gzip.compress(b"") * 1000, **{"Content-Encoding": "gzip"})
    refused = 422 if path.startswith("/noteburst") else 400
    assert (crumbs.status_code, "more than 100 parts" in crumbs.text) == (refused, True)
    assert send(api, path, data, **{"Content-Encoding": "identity"}).is_success


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "aes128gcm"])
@pytest.mark.parametrize(("path", "body"), POSTS)
def test_another_coding_is_refused_by_its_name(
    api: RunningApi, path: str, body: object, coding: str
) -> None:
    answer = send(
        api, path, zlib.compress(json.dumps(body).encode()), **{"Content-Encoding": coding}
    )

    assert answer.status_code == 415, answer.text
    assert answer.headers["Accept-Encoding"] == "gzip, identity"
    assert f"Content-Encoding is '{coding}'" in answer.text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(gzip.compress(b"[" + b" " * 50_000_000), 413, id="a bomb"),
        pytest.param(b"{}", 400, id="not compressed at all"),
        pytest.param(gzip.compress(b"{}")[:-4], 400, id="cut off"),
        pytest.param(gzip.compress(b"{}") + b"more", 400, id="with more behind it"),
        pytest.param(b"", 400, id="empty"),
    ],
)
def test_what_is_no_good_gzip_is_told_so(api: RunningApi, data: bytes, status: int) -> None:
    answer = send(api, POSTS[0][0], data, **{"Content-Encoding": "gzip"})

    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_a_charset_that_is_not_utf_8_is_named(api: RunningApi) -> None:
    latin = {"Content-Type": "application/json; charset=ISO-8859-1"}
    path, body = POSTS[0]
    text = json.dumps(body, ensure_ascii=False)

    refused = send(api, path, text.encode("latin-1"), **latin)
    assert (refused.status_code, "iso-8859-1" in refused.json()["detail"]) == (415, True)
    assert send(api, path, json.dumps(body).encode(), **latin).is_success
    utf = {"Content-Type": 'application/json; charset="UTF-8"'}
    assert send(api, path, text.encode(), **utf).is_success


@pytest.mark.parametrize("letter", ["a", "é", "语", "😀"])
def test_parameters_have_the_same_room_in_every_script(api: RunningApi, letter: str) -> None:
    around = len(json.dumps({"x": ""}, separators=(",", ":")))
    most = (names.PARAMETERS_LIMIT - around) // len(letter.encode())

    for count, status in ((most, 202), (most + 1, 413)):
        answer = api.http.post(POSTS[0][0], json={"parameters": {"x": letter * count}})
        assert answer.status_code == status, answer.text[:300]
    assert f"may be {names.PARAMETERS_LIMIT}" in answer.json()["detail"]
