"""jupyrest as its README has it: whole bodies, codes and headers."""

import concurrent.futures
import json
from typing import Any, ClassVar

import httpx
import pytest

from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import older_surfaces
from tests.support.older_surfaces import RAISED, UUID


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    older_surfaces.serve(cluster, api)


class TestJupyrestA:
    """The README's surface."""

    PATH = "/api/NotebookExecutions"
    BODY: ClassVar[dict[str, Any]] = {"notebook": "team/old", "parameters": {"name": "microsoft"}}

    def run(
        self,
        cluster: EmbeddedCluster,
        api: RunningApi,
        reason: str,
        body: dict[str, Any] = BODY,
        **fields: Any,
    ) -> httpx.Response:
        """Send the POST and play the run behind it; return the answer to the POST."""
        query = {"notebook": "team/old", "limit": "1"}

        def newest() -> str | None:
            items = api.http.get("/v1/executions", params=query).json()["items"]
            return items[0]["id"] if items else None

        before = newest()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            answer = pool.submit(api.http.post, self.PATH, json=body)
            eventually(lambda: newest() != before, "the execution is listed")
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
        notebook = json.loads(ipynb.pop("ipynb"))
        events = notebook["metadata"].pop("jupyrest")["events"]
        assert notebook == json.loads(apis.HELLO)
        assert events["notebook_execution_created"]["parameters"] == body["parameters"]
        assert events["notebook_executed"]["output_json_str"] == '{"a": 1}'
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

    def test_the_executed_notebook_can_be_viewed_with_its_code_and_without(
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        body = self.run(cluster, api, "NotebookCompleted").json()
        query = {"executionId": body["id"], "view_html": "true"}

        pages = [
            api.http.get(self.PATH, params={**query, **more})
            for more in ({}, {"report": "false"}, {"report": "true", "output": "true"})
        ]

        kinds = {(page.status_code, page.headers["content-type"]) for page in pages}
        assert kinds == {(200, "text/html; charset=utf-8")}
        assert ["hello" in page.text for page in pages] == [True, True, False]
        only = api.http.get(self.PATH, params={**query, "view_html": "false", "report": "true"})
        assert only.json() == {**body, "exception": None}

    @pytest.mark.parametrize(
        ("status", "exception"),
        [
            (
                {"phase": "Failed", "reason": "PodLost", "message": "the node went away"},
                "PodLost: the node went away",
            ),
            ({"phase": "Cancelled", "reason": "Cancelled"}, "Cancelled"),
        ],
    )
    def test_what_came_to_no_end_of_its_own_failed_and_says_why(
        self, cluster: EmbeddedCluster, api: RunningApi, status: dict[str, Any], exception: str
    ) -> None:
        accepted = api.http.post("/api/notebooks/team/old/execute", json=self.BODY).json()
        apis.write_status(cluster, accepted["execution_id"], status)
        query = {"executionId": accepted["execution_id"]}

        def shown(**flags: str) -> dict[str, Any]:
            found: dict[str, Any] = api.http.get(self.PATH, params={**query, **flags}).json()
            return found

        eventually(lambda: shown()["exception"], "the end is seen")
        body = {"id": query["executionId"], "status": "FAILED", **self.BODY}
        assert shown(output="true") == {**body, "exception": exception, "output": None}
        every = shown(output="true", html="true", ipynb="true")
        assert set(every) == {*body, "exception", "output", "html", "ipynb"}
        assert "did not run" in every["html"]
        assert json.loads(every["ipynb"])["nbformat"] == 4

    def test_values_are_echoed_as_they_were_sent(self, api: RunningApi) -> None:
        sent = (
            '{"name": "\\ud83d\\ude00 \\ud800", "x": 1.0, "y": 1180591620717411303424, "z": [1e-9]}'
        )
        answer = api.http.post(
            "/api/notebooks/team/old/execute",
            content=f'{{"parameters": {sent}}}',
            headers={"Content-Type": "application/json"},
        )
        name = answer.json()["execution_id"]

        for shown in (
            api.http.get(self.PATH, params={"executionId": name}).text,
            api.http.get(f"/api/notebook_executions/{name}").text,
        ):
            assert f'"parameters": {sent}'.replace("1e-9", "1e-09") in shown

    @pytest.mark.parametrize("when", ["2021-01-01T00:00:00", "2021-02-28T04:09:09.5730000Z", "x"])
    def test_formats_are_not_checked(self, api: RunningApi, when: str) -> None:
        parameters = {"a": [{"foo": "x", "next": when}]}

        answer = api.http.post("/api/notebooks/shared/execute", json={"parameters": parameters})

        assert answer.status_code == 202, answer.text
        name = answer.json()["execution_id"]
        shown = api.http.get(f"/api/notebook_executions/{name}").json()
        assert shown["parameters"] == parameters

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
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        parameters = {"name": "x", "more": 1}
        body: dict[str, Any] = {"notebook": "team/old", "parameters": parameters}
        first = self.run(cluster, api, "NotebookCompleted", body)
        assert (first.status_code, first.json()["parameters"]) == (200, parameters)

        answer = api.http.post("/api/notebooks/team/old/execute", json={"parameters": parameters})

        assert answer.status_code == 202
