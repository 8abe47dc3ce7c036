"""The older surfaces answer as they always did: whole bodies, codes and headers."""

import concurrent.futures
import json
import re
from typing import Any, ClassVar

import httpx
import pytest

from tests.support import api as apis
from tests.support.api import FakeRun, RunningApi
from tests.support.embedded import EmbeddedCluster

INPUT = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
MODEL = {
    "type": "object",
    "properties": {"foo": {"type": "string"}, "next": {"$ref": "#/$defs/When"}},
    "$defs": {"When": {"type": "string", "format": "date-time"}},
}
TREE = {
    "$ref": "#/$defs/Node",
    "$defs": {"Node": {"type": "object", "properties": {"child": {"$ref": "#/$defs/Node"}}}},
}
RAISED = {
    "message": "ValueError: no",
    "exception": {"name": "ValueError", "value": "no", "cell": 0, "traceback": "Traceback: no"},
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
STARTED, FINISHED = "2026-11-22T12:00:00.000000Z", "2026-11-22T12:00:01.500000Z"


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    apis.put_notebook(cluster, "old", id="team/old", input=INPUT, output={"type": "integer"})
    models = {
        "sample": {"import": "models:Sample", "schema": MODEL},
        "tree": {"import": "models:Tree", "schema": TREE},
    }
    shared = {"properties": {"a": {"items": {"$ref": "nbschema://sample"}}}}
    tree = {"properties": {"t": {"$ref": "nbschema://tree"}}}
    apis.put_notebook(cluster, "shared", input=shared, output=tree, models=models)
    apis.put_notebook(cluster, "guessed", input=INPUT, inferred=True)
    apis.put_notebook(cluster, "last-old")
    apis.eventually(lambda: api.http.get("/v1/notebooks/last-old").is_success, "they are served")


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
            return answer.result(20)

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


class TestJupyrestB:
    """The later surface."""

    def accepted(self, api: RunningApi) -> str:
        body = {"parameters": {"name": "x"}}
        answer = api.http.post("/api/notebooks/team/old/execute", json=body)
        name: str = answer.json()["execution_id"]
        assert answer.status_code == 202
        assert answer.json() == {
            "execution_id": name,
            "status": "ACCEPTED",
            "notebook_id": "team/old",
        }
        return name

    def polled(self, api: RunningApi, name: str) -> dict[str, Any]:
        answer = api.http.get(f"/api/notebook_executions/{name}")
        assert answer.status_code == 200
        body: dict[str, Any] = answer.json()
        assert MOMENT.fullmatch(body.pop("execution_accepted_ts"))
        assert body.pop("execution_id") == name
        assert body.pop("notebook_id") == "team/old"
        assert body.pop("parameters") == {"name": "x"}
        return body

    def test_the_list_has_the_notebooks_that_have_a_config_file(self, api: RunningApi) -> None:
        listed = api.http.get("/api/notebooks").json()

        assert list(listed) == ["notebooks"]
        assert {"team/old", "shared"} <= set(listed["notebooks"])
        assert "guessed" not in listed["notebooks"]

    def test_a_notebook_shows_its_schemas_as_written(self, api: RunningApi) -> None:
        assert api.http.get("/api/notebooks/team/old").json() == {
            "notebook_id": "team/old",
            "input_schema": INPUT,
            "output_schema": {"type": "integer"},
        }
        assert api.http.get("/api/notebooks/last-old").json() == {
            "notebook_id": "last-old",
            "input_schema": {},
            "output_schema": {},
        }

    def test_models_stand_where_they_are_referred_to(self, api: RunningApi) -> None:
        shown = api.http.get("/api/notebooks/shared").json()

        assert shown["input_schema"]["properties"]["a"]["items"] == {
            "type": "object",
            "properties": {
                "foo": {"type": "string"},
                "next": {"type": "string", "format": "date-time"},
            },
        }
        output = shown["output_schema"]
        node = {"$ref": "#/definitions/tree.Node"}
        assert output["properties"]["t"]["properties"]["child"] == node
        assert output["definitions"]["tree.Node"]["properties"]["child"] == node

    def test_an_execution_from_accepted_to_completed(
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        name = self.accepted(api)
        pending = {
            "status": "ACCEPTED",
            "execution_start_ts": None,
            "execution_end_ts": None,
            "execution_completion_status": None,
            "has_output": None,
            "has_exception": None,
            "artifacts": None,
        }
        assert self.polled(api, name) == pending

        run = FakeRun(cluster, api, name)
        run.make_pod().claim()
        running = self.polled(api, name)
        assert MOMENT.fullmatch(running.pop("execution_start_ts"))
        assert running == {k: v for k, v in pending.items() if k != "execution_start_ts"} | {
            "status": "EXECUTING"
        }
        early = api.http.get(f"/api/notebook_executions/{name}/artifacts/html")
        assert (early.status_code, early.json()["code"]) == (400, "INVALID_EXECUTION_STATE")

        run.upload("notebook.ipynb", apis.HELLO.encode(), "application/x-ipynb+json")
        run.upload("output.json", b"5", "application/json")
        run.result(output=5, hasOutput=True)
        base = f"/api/notebook_executions/{name}/artifacts"
        artifacts = {key: f"{base}/{key}" for key in ("html", "ipynb", "html_report", "output")}
        assert self.polled(api, name) == {
            "status": "COMPLETED",
            "execution_start_ts": STARTED,
            "execution_end_ts": FINISHED,
            "execution_completion_status": "SUCCEEDED",
            "has_output": True,
            "has_exception": False,
            "artifacts": artifacts,
        }
        types = {key: api.http.get(path).headers["content-type"] for key, path in artifacts.items()}
        assert types == {
            "html": "text/html; charset=utf-8",
            "html_report": "text/html; charset=utf-8",
            "ipynb": "application/json",
            "output": "application/json",
        }
        assert api.http.get(artifacts["output"]).json() == 5
        missing = api.http.get(f"{base}/exception")
        assert (missing.status_code, missing.json()["code"]) == (
            404,
            "NOTEBOOK_EXECUTION_ARTIFACT_NOT_FOUND",
        )

    def test_what_never_ran_completes_all_the_same(
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        name = self.accepted(api)
        end = {
            "phase": "Failed",
            "reason": "PodLost",
            "message": "the node went away",
            "finishedAt": FINISHED,
        }
        path = f"{apis.CUSTOM}/notebookexecutions/{name}/status"
        kind = "application/merge-patch+json"
        assert cluster.request("PATCH", path, {"status": end}, content_type=kind)[0] == 200
        apis.eventually(lambda: self.polled(api, name)["status"] == "COMPLETED", "the end arrives")

        shown = self.polled(api, name)

        assert shown["execution_completion_status"] == "FAILED"
        assert shown["execution_end_ts"] > shown["execution_start_ts"]
        assert (shown["has_output"], shown["has_exception"]) == (False, True)
        assert list(shown["artifacts"]) == ["html", "ipynb", "html_report", "exception"]
        got = {key: api.http.get(path) for key, path in shown["artifacts"].items()}
        assert {key: answer.status_code for key, answer in got.items()} == dict.fromkeys(got, 200)
        assert got["exception"].headers["content-type"] == "text/plain; charset=utf-8"
        assert got["exception"].text == "PodLost: the node went away"
        cells = got["ipynb"].json()["cells"]
        assert "PodLost" in "".join(cells[0]["source"])
        assert cells[1]["source"] == "print('hello')"
        assert "the node went away" in got["html_report"].text

    def test_errors(self, api: RunningApi) -> None:
        def failure(answer: httpx.Response) -> tuple[int, str]:
            body = answer.json()
            assert set(body) == {"code", "message", "data"}
            assert body["data"] == {}
            return answer.status_code, body["code"]

        post = api.http.post
        misfit = post("/api/notebooks/team/old/execute", json={"parameters": {"name": 1}})
        assert failure(misfit) == (400, "INVALID_INPUT_SCHEMA")
        unknown = post("/api/notebooks/nope/execute", json={"parameters": {}})
        assert failure(unknown) == (404, "NOTEBOOK_NOT_FOUND")
        assert failure(api.http.get("/api/notebooks/nope")) == (404, "NOTEBOOK_NOT_FOUND")
        assert failure(api.http.get("/api/notebook_executions/nope")) == (
            404,
            "NOTEBOOK_EXECUTION_NOT_FOUND",
        )
        wrong = post("/api/notebooks/team/old/execute", json={"parameters": 1})
        assert failure(wrong) == (400, "INVALID_INPUT_SCHEMA")


class TestNoteburst:
    """A notebook is handed in and polled for."""

    PATH = "/noteburst/v1/notebooks/"

    def submitted(self, api: RunningApi, **fields: Any) -> dict[str, Any]:
        answer = api.http.post(self.PATH, json={"ipynb": apis.HELLO, **fields})
        assert answer.status_code == 202, answer.text
        body: dict[str, Any] = answer.json()
        assert answer.headers["Location"] == body["self_url"]
        return body

    def test_the_submission_answers_with_the_job(
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        body = self.submitted(api, kernel_name="LSST", timeout=None, enable_retry=False)

        name = body["job_id"]
        assert MOMENT.fullmatch(body.pop("enqueue_time"))
        assert body == {
            "job_id": name,
            "kernel_name": "LSST",
            "status": "queued",
            "self_url": f"{api.url}{self.PATH}{name}",
            "timeout": 300.0,
        }
        spec = apis.resource(cluster, name)["spec"]
        assert (spec["deadlineSeconds"], spec["idempotent"]) == (300, False)
        assert "kernel" not in spec.get("runtime", {})

    @pytest.mark.parametrize(
        ("timeout", "seconds"), [(10, 10), ("30", 30), ("5m", 300), ("1h 30min", 5400), (0.2, 1)]
    )
    def test_timeouts_are_seconds_or_words(
        self, cluster: EmbeddedCluster, api: RunningApi, timeout: Any, seconds: int
    ) -> None:
        name = self.submitted(api, timeout=timeout)["job_id"]

        assert apis.resource(cluster, name)["spec"]["deadlineSeconds"] == seconds

    def test_the_path_without_its_slash_is_the_same(self, api: RunningApi) -> None:
        answer = api.http.post(self.PATH.rstrip("/"), json={"ipynb": json.loads(apis.HELLO)})

        assert answer.status_code == 202

    def test_a_job_from_queued_to_complete(self, cluster: EmbeddedCluster, api: RunningApi) -> None:
        queued = self.submitted(api)
        name = queued["job_id"]
        run = FakeRun(cluster, api, name)
        run.make_pod().claim()
        running = api.http.get(queued["self_url"], params={"source": "true"}).json()
        assert running == {**queued, "status": "in_progress", "source": apis.HELLO}

        executed = json.loads(apis.HELLO)
        executed["cells"][0]["execution_count"] = 1
        run.upload("notebook.ipynb", json.dumps(executed).encode(), "application/x-ipynb+json")
        run.result()

        complete = api.http.get(queued["self_url"]).json()
        assert complete == {
            **queued,
            "status": "complete",
            "start_time": STARTED,
            "finish_time": FINISHED,
            "success": True,
            "ipynb": json.dumps(executed),
        }
        bare = api.http.get(queued["self_url"], params={"result": "false"}).json()
        assert bare == {**queued, "status": "complete"}

    def test_a_cell_that_raised_is_a_success_with_its_error(
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        queued = self.submitted(api)
        run = FakeRun(cluster, api, queued["job_id"])
        run.make_pod().claim()
        run.upload("notebook.ipynb", apis.HELLO.encode(), "application/x-ipynb+json")
        run.result("NotebookRaised", **RAISED)

        complete = api.http.get(queued["self_url"]).json()

        assert complete["success"] is True
        assert complete["ipynb"] == apis.HELLO
        assert complete["ipynb_error"] == {"name": "ValueError", "message": "no"}
        assert "error" not in complete

    def test_a_run_that_took_too_long_is_no_success(
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        queued = self.submitted(api)
        run = FakeRun(cluster, api, queued["job_id"])
        run.make_pod().claim()
        run.result("DeadlineExceeded", message="more than 300 s")

        complete = api.http.get(queued["self_url"]).json()

        assert complete["success"] is False
        assert complete["error"] == {
            "code": "timeout",
            "message": "more than 300 s",
            "exception_type": "DeadlineExceeded",
        }
        assert not {"ipynb", "ipynb_error"} & set(complete)

    def test_a_result_that_was_swept_away_is_complete_without_success(
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        queued = self.submitted(api)
        run = FakeRun(cluster, api, queued["job_id"])
        run.make_pod().claim()
        run.upload("notebook.ipynb", apis.HELLO.encode(), "application/x-ipynb+json")
        run.result()
        uid = apis.resource(cluster, queued["job_id"])["metadata"]["uid"]
        (api.store / "executions" / uid / "notebook.ipynb").unlink()

        assert api.http.get(queued["self_url"]).json() == {**queued, "status": "complete"}

    def test_errors(self, api: RunningApi) -> None:
        unknown = api.http.get(f"{self.PATH}nope")
        assert unknown.status_code == 404
        (detail,) = unknown.json()["detail"]
        assert (detail["loc"], detail["type"]) == (["path", "job_id"], "unknown_job")
        for body in ({"ipynb": "{"}, {}, {"ipynb": apis.HELLO, "timeout": "soon"}):
            answer = api.http.post(self.PATH, json=body)
            assert answer.status_code == 422, answer.text
            assert isinstance(answer.json()["detail"], list)
