"""jupyrest's later surface: whole bodies, codes and headers."""

from typing import Any

import httpx
import pytest

from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import older_surfaces
from tests.support.older_surfaces import FINISHED, INPUT, MOMENT, RAISED, STARTED


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    older_surfaces.serve(cluster, api)


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

    def test_a_run_that_raised_has_the_whole_traceback_and_what_it_saved_before(
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        name = self.accepted(api)
        assert apis.resource(cluster, name)["spec"]["outputValidation"] == "report"
        run = FakeRun(cluster, api, name)
        run.make_pod().claim()
        run.upload("notebook.ipynb", apis.HELLO.encode(), "application/x-ipynb+json")
        run.upload("output.json", b"null", "application/json")
        run.upload("exception.txt", b"Traceback: the whole of it", "text/plain; charset=utf-8")
        run.result("NotebookRaised", output=None, hasOutput=True, **RAISED)

        base = f"/api/notebook_executions/{name}/artifacts"
        listed = ("html", "ipynb", "html_report", "output", "exception")
        assert self.polled(api, name) == {
            "status": "COMPLETED",
            "execution_start_ts": STARTED,
            "execution_end_ts": FINISHED,
            "execution_completion_status": "FAILED",
            "has_output": True,
            "has_exception": True,
            "artifacts": {key: f"{base}/{key}" for key in listed},
        }
        exception = api.http.get(f"{base}/exception")
        assert exception.headers["content-type"] == "text/plain; charset=utf-8"
        assert exception.text == "Traceback: the whole of it"
        assert api.http.get(f"{base}/output").json() is None
        assert api.http.get(f"{base}/notebook.ipynb").status_code == 404

    def test_an_accepted_execution_is_there_at_once_on_every_replica(
        self, api: RunningApi, other_api: RunningApi
    ) -> None:
        for _ in range(20):
            path = f"/api/notebook_executions/{self.accepted(api)}"
            assert other_api.http.get(path).status_code == 200

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
        eventually(lambda: self.polled(api, name)["status"] == "COMPLETED", "the end arrives")

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
