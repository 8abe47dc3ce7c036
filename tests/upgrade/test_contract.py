"""The last release and this one side by side: each reads what the other wrote and loses nothing."""

from pathlib import Path
from typing import Any

import jsonschema
import yaml

from podbook_crds import names
from podbook_crds.content import Content
from podbook_crds.ends.finish import finished
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol.result import RunResult
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import NotebookSpec
from podbook_operator.pod.state import read
from podbook_operator.rules.decide import decide
from tests.support.views import NOW, a_view

_LAST = Path(__file__).parent / "last_release" / "notebookexecutions.yaml"
SCHEMA = yaml.safe_load(_LAST.read_text())["spec"]["versions"][0]["schema"]["openAPIV3Schema"]

# As the last release's API made it, and its intake marked it.
RUNNING: dict[str, Any] = {
    "metadata": {
        "namespace": "default",
        "name": "run",
        "uid": "uid-of-run",
        "resourceVersion": "7",
        "generation": 1,
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "annotations": {names.SURFACE_ANNOTATION: "v1"},
    },
    "spec": {"notebook": {"name": "report", "digest": f"sha256:{64 * 'a'}"}, "parameters": {}},
    "status": {
        "phase": "Running",
        "reason": "CellsRunning",
        "attempts": [{"number": 1, "podUID": "pod-1", "claimedAt": "2026-01-01T00:00:30.000000Z"}],
    },
}
POD: dict[str, Any] = {
    "metadata": {
        "namespace": "default",
        "name": names.pod_name("uid-of-run", 1),
        "uid": "pod-1",
        "resourceVersion": "8",
        "creationTimestamp": "2026-01-01T00:00:10Z",
        "labels": {names.EXECUTION_LABEL: "uid-of-run", names.ATTEMPT_LABEL: "1"},
        "annotations": {
            names.EXECUTION_NAME_ANNOTATION: "run",
            names.NOTEBOOK_ANNOTATION: "report",
        },
        "ownerReferences": [
            {"kind": names.EXECUTION_KIND, "uid": "uid-of-run", "controller": True, "name": "run"}
        ],
    },
    "spec": {"nodeName": "n", "containers": []},
    "status": {"phase": "Running", "startTime": "2026-01-01T00:00:11Z"},
}


def test_what_runs_goes_on() -> None:
    decision = decide(a_view(Execution.from_resource(RUNNING), read(POD)))

    assert (decision.status, decision.start) == (None, None)
    assert decision.delete == decision.end_at_once == ()


def test_what_runs_ends_with_what_is_known_of_it() -> None:
    ended = {**POD, "status": {"phase": "Failed", "reason": "Evicted", "message": "memory"}}

    status = decide(a_view(Execution.from_resource(RUNNING), read(ended))).status

    assert status is not None
    assert (status.phase, status.reason) == (Phase.FAILED, Reason.EVICTED)
    assert status.attempts[0].pod_uid == "pod-1"
    assert status.was_claimed


def test_the_last_releases_definition_takes_what_this_one_writes() -> None:
    """Definitions are upgraded last where somebody does it by hand; unknown fields are dropped."""
    execution = Execution.from_resource(RUNNING)
    attempt = execution.status.attempts[0].model_copy(
        update={"pod": POD["metadata"]["name"], "started_at": NOW}
    )
    status = execution.status.model_copy(update={"attempts": [attempt], "started_at": NOW})
    execution = execution.model_copy(update={"status": status})
    statuses = [status]
    for reason in (Reason.NOTEBOOK_COMPLETED, Reason.POD_LOST, Reason.QUEUE_TIMEOUT):
        result = RunResult(reason=reason, output=1, has_output=True)
        statuses.append(finished(execution, reason=reason, now=NOW, result=result))
    bare = execution.model_copy(update={"status": status.model_copy(update={"attempts": []})})
    statuses.append(finished(bare, reason=Reason.RESTORED, now=NOW))

    for written in statuses:
        wire = {"spec": RUNNING["spec"], "status": written.to_wire()}
        jsonschema.validate(wire, SCHEMA)
        again = Execution.from_resource({**RUNNING, "status": wire["status"]})
        assert again.status == written


def test_no_digest_of_the_last_release_changes() -> None:
    """Queued executions are pinned to it, and callers may ask for it."""
    spec = NotebookSpec.model_validate(
        {
            "source": {"ipynb": "{}"},
            "input": {"type": "object"},
            "runtime": {"image": "i", "env": [{"name": "A", "value": "b"}]},
            "defaults": {"retryLimit": 1},
            "files": [{"path": "x.csv", "text": "1"}],
        }
    )

    digest = Content.of("report", spec).digest

    assert digest == "sha256:ee374a010e185e1630f8f4fc5e3e7d34262ffce1a6884905b9e56ca6972065cf"
