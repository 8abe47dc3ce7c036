"""Who may call: this machine, or the holder of the token; and what is no call at all."""

import base64
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

RUN = "/v1/notebooks/door/executions"


@pytest.fixture(scope="module", autouse=True)
def _notebook(cluster: EmbeddedCluster, api: RunningApi) -> None:
    apis.put_notebook(cluster, "door")
    eventually(lambda: api.http.get("/v1/notebooks/door").is_success, "it is served")


def status(api: RunningApi, method: str, path: str, headers: dict[str, str]) -> int:
    body: dict[str, Any] | None = {} if method == "POST" else None
    return api.http.request(method, path, json=body, headers=headers).status_code


class TestOnALaptop:
    """No page in a browser can start a run or read a result."""

    @pytest.mark.parametrize(
        "host", ["localhost", "127.0.0.1:5050", "[::1]:5050", "LOCALHOST:1", "127.0.0.1"]
    )
    def test_this_machines_own_names_are_let_in(self, api: RunningApi, host: str) -> None:
        assert status(api, "GET", "/v1/notebooks", {"Host": host}) == 200

    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "x", "", "["]
    )
    def test_a_name_that_only_points_here_is_not(self, api: RunningApi, host: str) -> None:
        assert status(api, "GET", "/v1/notebooks", {"Host": host}) == 421
        assert status(api, "POST", RUN, {"Host": host}) == 421

    @pytest.mark.parametrize(
        "headers",
        [
            pytest.param({"Origin": "http://evil.example"}, id="a page of another site"),
            pytest.param({"Origin": "null"}, id="a sandboxed page, such as our own reports"),
            pytest.param({"Origin": "http://localhost:3000"}, id="another server of this machine"),
            pytest.param(
                {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, id="an image"
            ),
            pytest.param(
                {
                    "Sec-Fetch-Site": "cross-site",
                    "Sec-Fetch-Mode": "navigate",
                    "Sec-Fetch-Dest": "iframe",
                },
                id="a frame",
            ),
        ],
    )
    def test_other_pages_neither_run_nor_read(
        self, api: RunningApi, headers: dict[str, str]
    ) -> None:
        for method, path in (("POST", RUN), ("GET", "/v1/executions"), ("GET", "/api/notebooks")):
            assert status(api, method, path, headers) == 403, (method, path)

    def test_a_link_may_be_followed_and_the_own_page_may_do_anything(self, api: RunningApi) -> None:
        link = {
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        }
        assert status(api, "GET", "/v1/notebooks", link) == 200
        assert status(api, "POST", RUN, {"Origin": api.url, "Sec-Fetch-Site": "same-origin"}) == 202

    @pytest.mark.parametrize(
        "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
    )
    def test_a_body_that_a_form_could_send_runs_nothing(
        self, api: RunningApi, media_type: str
    ) -> None:
        for path in (RUN, "/api/NotebookExecutions", "/api/notebooks/door/execute"):
            headers = {"Content-Type": media_type} if media_type else {}
            answer = api.http.post(path, content=b"{}", headers=headers)
            assert answer.status_code == 415, path

    def test_headers_of_proxies_that_nobody_configured_change_nothing(
        self, api: RunningApi
    ) -> None:
        told = {"X-Forwarded-Host": "evil.example", "X-Forwarded-User": "admin"}
        answer = api.http.post("/noteburst/v1/notebooks/", json={"ipynb": apis.HELLO}, headers=told)
        assert answer.headers["Location"].startswith(api.url)


@pytest.fixture(scope="module")
def token_api(cluster: EmbeddedCluster, api_folder: Path) -> Iterator[RunningApi]:
    path = api_folder / "token"
    path.write_text("secret\n")
    settings = {"PODBOOK_AUTH": "token", "PODBOOK_AUTH_TOKEN_FILE": str(path)}
    with apis.running(cluster, api_folder, **settings) as running:
        yield running


class TestWithAToken:
    """Beyond loopback the token is asked for."""

    def test_the_token_is_taken_as_bearer_or_as_a_password(self, token_api: RunningApi) -> None:
        basic = base64.b64encode(b"anyone:secret").decode()
        for authorization in ("Bearer secret", f"Basic {basic}"):
            headers = {"Authorization": authorization, "Host": "some.machine"}
            assert status(token_api, "GET", "/v1/notebooks", headers) == 200

    def test_without_it_nothing_is_answered(self, token_api: RunningApi) -> None:
        for authorization in ("Bearer other", "Basic !", "secret", "Bearer"):
            for method, path in (("GET", "/v1/notebooks"), ("POST", RUN), ("GET", "/openapi.json")):
                headers = {"Authorization": authorization}
                assert status(token_api, method, path, headers) == 401
        answer = token_api.http.get("/api/notebooks")
        assert (answer.status_code, set(answer.json())) == (401, {"code", "message", "data"})
        assert token_api.http.get("/readyz").status_code == 200

    def test_a_page_cannot_use_a_password_that_the_browser_keeps(
        self, token_api: RunningApi
    ) -> None:
        basic = base64.b64encode(b"anyone:secret").decode()
        headers = {"Authorization": f"Basic {basic}", "Origin": "http://evil.example"}
        assert status(token_api, "POST", RUN, headers) == 403

    def test_replacing_the_file_replaces_the_token(
        self, token_api: RunningApi, api_folder: Path
    ) -> None:
        (api_folder / "token").write_text("next")
        try:
            assert (
                status(token_api, "GET", "/v1/notebooks", {"Authorization": "Bearer next"}) == 200
            )
            assert (
                status(token_api, "GET", "/v1/notebooks", {"Authorization": "Bearer secret"}) == 401
            )
        finally:
            (api_folder / "token").write_text("secret")


class TestBadInput:
    """Whatever is sent gets a clear answer."""

    def post(self, api: RunningApi, content: bytes) -> Any:
        headers = {"Content-Type": "application/json"}
        return api.http.post(RUN, content=content, headers=headers)

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "Expecting value"),
            (b"{", "line 1"),
            (b'{"parameters": {"x": NaN}}', "NaN"),
            (b'{"parameters": {"x": -Infinity}}', "Infinity"),
            (b'{"parameters": {"x": 1e999}}', "larger"),
            (b'{"parameters": {}, "parameters": {}}', "'parameters' stands twice"),
            (b'{"parameters": {"x": ' + b"[" * 500 + b"]" * 500 + b"}}", "levels deep"),
            (b"[" * 100_000, "levels deep"),
            (b'{"parameters": {"x": ' + b"9" * 5000 + b"}}", "digits"),
            (b"\xff\xfe\x00", ""),
            (b'{"parameters": "\xff"}', "UTF-8"),
        ],
    )
    def test_what_is_not_json_is_told_so(self, api: RunningApi, content: bytes, said: str) -> None:
        answer = self.post(api, content)

        assert (answer.status_code, answer.json()["status"]) == (400, 400)
        assert said in answer.json()["detail"]

    @pytest.mark.parametrize("content", [b"[]", b"null", b"1", b'{"parameters": []}', b'{"x": 1}'])
    def test_what_is_not_the_right_shape_is_told_where(
        self, api: RunningApi, content: bytes
    ) -> None:
        answer = self.post(api, content)

        assert answer.status_code == 422
        assert answer.json()["errors"]

    def test_a_body_that_is_too_large_is_refused_before_it_is_read(self, api: RunningApi) -> None:
        answer = self.post(api, b"[" + b" " * 2_000_000 + b"]")

        assert answer.status_code == 413
        assert "1000000" in answer.json()["detail"]

    def test_a_body_of_unknown_length_is_refused_as_soon_as_it_is_too_large(
        self, api: RunningApi
    ) -> None:
        sent = 0

        def chunks() -> Iterator[bytes]:
            nonlocal sent
            for _ in range(1600):
                sent += 65536
                yield b" " * 65536

        headers = {"Content-Type": "application/json"}
        with contextlib.suppress(httpx.TransportError):  # The connection is closed upon it.
            assert api.http.post(RUN, content=chunks(), headers=headers).status_code == 413

        assert sent < 100_000_000
        assert api.http.get("/v1/notebooks").status_code == 200

    @pytest.mark.parametrize(
        "name",
        ["for", "a b", "1a", "x = 1; import os", "é", "", "__import__('os')", "a\n", "x" * 64],
    )
    def test_a_name_that_is_no_variable_is_refused(self, api: RunningApi, name: str) -> None:
        answer = api.http.post(RUN, json={"parameters": {name: 1}})

        assert answer.status_code == 422
        assert len(answer.json()["errors"]) == 1

    def test_parameters_may_not_be_too_large(self, api: RunningApi) -> None:
        answer = api.http.post(RUN, json={"parameters": {"x": "y" * 300_000}})

        assert answer.status_code == 413
        assert "262144" in answer.json()["detail"]

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/notebooks/..%2f..%2fetc",
            "/v1/executions/..%2fx",
            "/v1/executions/" + "x" * 3000,
            "/v1/executions/a/artifacts/..%2f..%2fx",
            "/noteburst/v1/notebooks/%ff",
        ],
    )
    def test_what_cannot_exist_is_not_found(self, api: RunningApi, path: str) -> None:
        assert api.http.get(path).status_code == 404

    def test_wrong_methods_are_told_the_right_ones(self, api: RunningApi) -> None:
        answer = api.http.put("/v1/executions")

        assert answer.status_code == 405
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["Allow"]

    def test_head_is_get_without_the_body(self, api: RunningApi) -> None:
        get, head = api.http.get("/v1/notebooks/door"), api.http.head("/v1/notebooks/door")

        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == get.headers["content-length"]
