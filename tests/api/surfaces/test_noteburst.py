"""Noteburst's surface: whole bodies, codes and headers."""

import json
from typing import Any

import pytest

from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import older_surfaces
from tests.support.older_surfaces import FINISHED, MOMENT, RAISED, STARTED


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    older_surfaces.serve(cluster, api)


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

    def test_a_kernel_that_is_no_alias_is_meant_as_it_is_named(
        self, cluster: EmbeddedCluster, api: RunningApi
    ) -> None:
        body = self.submitted(api, kernel_name="Python3")

        spec = apis.resource(cluster, body["job_id"])["spec"]
        assert (body["kernel_name"], spec["runtime"]["kernel"]) == ("Python3", "Python3")

    @pytest.mark.parametrize(
        ("timeout", "seconds"),
        [
            (10, 10),
            ("30", 30),
            ("5m", 300),
            ("1h 30min", 5400),
            ("1h30min", 5400),
            ("1h30m", 5400),
            ("2d", 172800),
            (0.2, 1),
            (60.5, 61),
        ],
    )
    def test_timeouts_are_seconds_or_words(
        self, cluster: EmbeddedCluster, api: RunningApi, timeout: Any, seconds: int
    ) -> None:
        body = self.submitted(api, timeout=timeout)

        assert apis.resource(cluster, body["job_id"])["spec"]["deadlineSeconds"] == seconds
        # Whole seconds is all that a deadline has; what was asked for is shown as it was.
        assert body["timeout"] == (timeout if isinstance(timeout, float) else seconds)

    @pytest.mark.parametrize("data", [b"", b"{", b"{'ipynb': 1}", b'{"a": NaN}', b"\xff"])
    def test_a_body_that_is_no_json_does_not_fit(self, api: RunningApi, data: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        answer = api.http.post(self.PATH, content=data, headers=headers)

        assert answer.status_code == 422, answer.text
        assert answer.json()["detail"][0]["loc"] == ["body"]
        assert answer.json()["detail"][0]["msg"]

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

        assert complete == {
            **queued,
            "status": "complete",
            "start_time": STARTED,
            "finish_time": FINISHED,
            "success": False,
            "error": {
                "code": "timeout",
                "message": "more than 300 s",
                "exception_type": "DeadlineExceeded",
            },
        }

    @pytest.mark.parametrize(
        ("phase", "reason", "code"),
        [
            ("Failed", "PodLost", "jupyter_error"),
            ("Failed", "KernelDied", "jupyter_error"),
            ("Failed", "QueueTimeout", "jupyter_error"),
            ("Failed", "InternalError", "unknown"),
            ("Cancelled", "Cancelled", "unknown"),
        ],
    )
    def test_what_is_not_the_notebooks_fault_is_an_error_with_its_times(
        self, cluster: EmbeddedCluster, api: RunningApi, phase: str, reason: str, code: str
    ) -> None:
        queued = self.submitted(api)
        end = {"phase": phase, "reason": reason, "message": "why"}
        apis.write_status(cluster, queued["job_id"], end)

        def complete() -> dict[str, Any] | None:
            shown: dict[str, Any] = api.http.get(queued["self_url"]).json()
            return shown if shown["status"] == "complete" else None

        shown = eventually(complete, "the end is seen")
        assert MOMENT.fullmatch(shown.pop("start_time"))
        assert MOMENT.fullmatch(shown.pop("finish_time"))
        assert shown == {
            **queued,
            "status": "complete",
            "success": False,
            "error": {"code": code, "message": "why", "exception_type": reason},
        }

    def test_the_source_is_text_however_it_was_handed_in(self, api: RunningApi) -> None:
        handed_in = json.loads(apis.HELLO)
        queued = self.submitted(api, ipynb=handed_in)

        query = {"source": "true", "result": "false"}
        shown = api.http.get(queued["self_url"], params=query).json()

        assert json.loads(shown.pop("source")) == handed_in
        assert shown == queued

    @pytest.mark.parametrize("sent", [{}, {"enable_retry": True}, {"enable_retry": False}])
    def test_a_job_is_repeated_unless_the_caller_says_no(
        self, cluster: EmbeddedCluster, api: RunningApi, sent: dict[str, Any]
    ) -> None:
        name = self.submitted(api, **sent)["job_id"]

        spec = apis.resource(cluster, name)["spec"]
        assert spec["idempotent"] is sent.get("enable_retry", True)

    def test_a_token_that_nobody_asks_for_does_no_harm(self, api: RunningApi) -> None:
        headers = {"Authorization": "Bearer gt-of-its-own"}

        answer = api.http.post(self.PATH, json={"ipynb": apis.HELLO}, headers=headers)

        assert answer.status_code == 202

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
        assert unknown.json() == {
            "detail": [{"loc": ["path", "job_id"], "msg": "Job not found", "type": "unknown_job"}]
        }
        for body in ({"ipynb": "{"}, {}, {"ipynb": apis.HELLO, "timeout": "soon"}):
            answer = api.http.post(self.PATH, json=body)
            assert answer.status_code == 422, answer.text
            assert isinstance(answer.json()["detail"], list)
