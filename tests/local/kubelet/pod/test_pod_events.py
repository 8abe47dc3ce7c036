"""A pod's events tell what goes wrong, and nothing of what goes well."""

import pytest

from podbook_cluster.kubelet.pod.pod_events import event, of_container
from podbook_cluster.kubelet.pod.status import Running, State, Terminated, Waiting

POD = {"metadata": {"name": "p", "namespace": "runs", "uid": "u"}, "spec": {}}
CREATING, AT = Waiting(), "2026-11-22T12:00:00Z"
MISSING = Waiting("CreateContainerConfigError", 'secret "s" not found')
RUNS = Running("podbook-local://c", AT)


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        pytest.param(CREATING, RUNS, None, id="it starts at once"),
        pytest.param(RUNS, Terminated(0, "Completed", AT), None, id="it ends well"),
        pytest.param(RUNS, Terminated(1, "Error", AT), None, id="its notebook fails"),
        pytest.param(CREATING, MISSING, ("Warning", "Failed"), id="it cannot start yet"),
        pytest.param(MISSING, RUNS, ("Normal", "Started"), id="then it starts"),
        pytest.param(
            CREATING, Terminated(128, "StartError", AT), ("Warning", "Failed"), id="it never will"
        ),
        pytest.param(
            RUNS, Terminated(137, "OOMKilled", AT), ("Warning", "OOMKilled"), id="out of memory"
        ),
    ],
)
def test_what_is_told(before: State, now: State, told: tuple[str, str] | None) -> None:
    said = of_container(POD, "kernel", before, now, node="laptop")

    assert told == (said and (said["type"], said["reason"]))
    if said:
        assert "kernel" in said["message"] or 'secret "s" not found' in said["message"]
        assert said["involvedObject"]["fieldPath"] == "spec.containers{kernel}"


def test_a_message_is_cut_as_a_kubelet_cuts_it() -> None:
    assert len(event(POD, "Warning", "Failed", "x" * 5000, node="laptop")["message"]) == 1024
