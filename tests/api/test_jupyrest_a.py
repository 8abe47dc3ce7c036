"""jupyrest as its README has it: whole bodies, codes and headers."""

import concurrent.futures
import json
from typing import Any, ClassVar

import httpx
import pytest

from tests.support import api as apis
from tests.support import older_surfaces
from tests.support.api import FakeRun, RunningApi
from tests.support.embedded import EmbeddedCluster
from tests.support.older_surfaces import RAISED, UUID


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    older_surfaces.serve(cluster, api)


class TestJupyrestA:
    """The README's surface."""

    PATH = "/api/NotebookExecutions"
    BODY: ClassVar[dict[str, Any]] = {"notebook": "team/old", "parameters": {"name": "microsoft"}}

    def run(
        self, cluster: EmbeddedCluster, api: RunningApi, reason: str, **fields: Any
    ) -> httpx.Response:
        """Send the POST and play the run behind it; return the answer to the POST."""
        query = {"notebook": "team/old", "limit": "1"}

        def newest() -> str | None:
            items = api.http.get("/v1/executions", params=query).json()["items"]
            return items[0]["id"] if items else None

        before = newest()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            answer = pool.submit(api.http.post, self.PATH, json=self.BODY)
            apis.eventually(lambda: newest() != before, "the execution is listed")
            run = FakeRun(cluster, api, str(newest()))
            run.make_pod().claim()
            run.upload("notebook.ipynb", apis.HELLO.encode(), "application/x-ipynb+json")
            if fields.get("hasOutput"):
                data = json.dumps(fields["output"]).encode()
                run.upload("output.json", data, "application/json")
            assert run.result(reason, **fields).json() == {"final": True}
            return answer.result(60)

    def test_the_post_answers_when_the_notebook_has_run(
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        answer = self.run(cluster, api, "NotebookCompleted", output={"a": 1}, hasOutput=True)

        body = answer.json()
        assert answer.status_code == 200
        assert UUID.fullmatch(body.pop("id"))
        assert body == {"status": "COMPLETED", **self.BODY}

    def test_the_get_shows_what_its_flags_ask_for(
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        body = self.run(cluster, api, "NotebookCompleted", output={"a": 1}, hasOutput=True).json()
        query = {"executionId": body["id"]}

        def show(**flags: str) -> httpx.Response:
            return api.http.get(self.PATH, params={**query, **flags})

        assert show().json() == {**body, "exception": None}
        assert show(output="true").json() == {**body, "exception": None, "output": {"a": 1}}
        ipynb = show(ipynb="true").json()
        assert json.loads(ipynb.pop("ipynb")) == json.loads(apis.HELLO)
        assert ipynb == {**body, "exception": None}
        page = show(view_html="true")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "hello" in page.text
        report = show(html="true", report="true").json()
        assert "hello" not in report.pop("html")
        assert report == {**body, "exception": None}

    def test_an_exception_is_an_answer(self, cluster: EmbeddedCluster, api: RunningApi) -> None:
        answer = self.run(cluster, api, "NotebookRaised", **RAISED)

        body = answer.json()
        assert (answer.status_code, body["status"]) == (200, "FAILED")
        shown = api.http.get(self.PATH, params={"executionId": body["id"], "output": "true"})
        assert shown.json() == {**body, "exception": "Traceback: no", "output": None}

    def test_output_that_does_not_fit_is_only_reported(
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        body = self.run(cluster, api, "NotebookCompleted", output="no", hasOutput=True).json()

        assert apis.resource(cluster, body["id"])["spec"]["outputValidation"] == "report"

    def test_errors(self, api: RunningApi) -> None:
        unknown = api.http.post(self.PATH, json={"notebook": "nope", "parameters": {}})
        assert unknown.status_code == 404
        assert "nope" in unknown.json()["detail"]
        misfit = api.http.post(self.PATH, json={"notebook": "team/old", "parameters": {}})
        assert misfit.status_code == 400
        assert misfit.json()["detail"].startswith("Input schema validation error: ")
        assert api.http.get(self.PATH, params={"executionId": "x"}).status_code == 404
        assert api.http.get(self.PATH).status_code == 422

    def test_undeclared_parameters_and_formats_are_json_schemas_own_affair(
        self, api: RunningApi
    ) -> None:
        parameters = {"name": "x", "more": 1}
        answer = api.http.post("/api/notebooks/team/old/execute", json={"parameters": parameters})

        assert answer.status_code == 202
