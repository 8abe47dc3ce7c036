"""A pod's status reads as if a kubelet had written it."""

from typing import Any

import pytest

from podbook_cluster.kubelet.pod.status import (
    Running,
    State,
    Terminated,
    Verdict,
    Waiting,
    known_states,
    phase_of,
    pod_status,
)

WAITING = Waiting()
RUNNING = Running("podbook-local://a", "2026-01-01T00:00:00Z")
GOOD = Terminated(
    0, "Completed", "2026-01-01T00:00:09Z", "2026-01-01T00:00:00Z", "podbook-local://a"
)
BAD = Terminated(1, "Error", "2026-01-01T00:00:09Z", "2026-01-01T00:00:00Z", message="boom")
LATE = Verdict("DeadlineExceeded", "too long")
POD: dict[str, Any] = {
    "metadata": {"name": "p"},
    "spec": {"containers": [{"name": "kernel", "image": "python:3"}, {"name": "runner"}]},
}


def status_of(
    kernel: State, runner: State, *, pod: dict[str, Any] = POD, verdict: Verdict | None = None
) -> dict[str, Any]:
    return pod_status(
        pod,
        {"kernel": kernel, "runner": runner},
        began_at="2026-01-01T00:00:00Z",
        now="2026-01-01T00:00:10Z",
        verdict=verdict,
    )


def condition(status: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (item for item in status["conditions"] if item["type"] == name)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("states", "verdict", "phase"),
    [
        pytest.param([WAITING, WAITING], None, "Pending", id="nothing started"),
        pytest.param([RUNNING, WAITING], None, "Running", id="one runs"),
        pytest.param([RUNNING, GOOD], None, "Running", id="one still runs"),
        pytest.param([WAITING, GOOD], None, "Pending", id="one has yet to start"),
        pytest.param([GOOD, GOOD], None, "Succeeded", id="all ended well"),
        pytest.param([GOOD, BAD], None, "Failed", id="one did not"),
        pytest.param([GOOD, GOOD], LATE, "Failed", id="a verdict outweighs exit codes"),
        pytest.param([RUNNING, GOOD], LATE, "Running", id="but waits for what still runs"),
        pytest.param([WAITING, WAITING], LATE, "Failed", id="and needs no start"),
    ],
)
def test_phase(states: list[State], verdict: Verdict | None, phase: str) -> None:
    assert phase_of(states, verdict) == phase


def test_a_running_pod() -> None:
    status = status_of(RUNNING, RUNNING)

    assert (status["phase"], status["podIP"], status["hostIP"]) == (
        "Running",
        "127.0.0.1",
        "127.0.0.1",
    )
    assert status["startTime"] == "2026-01-01T00:00:00Z"
    assert {item["type"]: item["status"] for item in status["conditions"]} == dict.fromkeys(
        ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"),
        "True",
    )
    assert status["containerStatuses"][0] == {
        "name": "kernel",
        "image": "python:3",
        "imageID": "podbook-local://ignored",
        "containerID": "podbook-local://a",
        "ready": True,
        "started": True,
        "restartCount": 0,
        "lastState": {},
        "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
    }


def test_a_container_that_ended() -> None:
    status = status_of(GOOD, BAD)

    kernel, runner = (item["state"]["terminated"] for item in status["containerStatuses"])
    assert kernel == {
        "exitCode": 0,
        "reason": "Completed",
        "startedAt": "2026-01-01T00:00:00Z",
        "finishedAt": "2026-01-01T00:00:09Z",
        "containerID": "podbook-local://a",
    }
    assert (runner["exitCode"], runner["reason"], runner["message"]) == (1, "Error", "boom")
    assert condition(status, "Ready")["reason"] == "PodFailed"


def test_a_container_that_waits_says_for_what() -> None:
    status = status_of(RUNNING, Waiting("CreateContainerConfigError", 'secret "s" not found'))

    assert status["containerStatuses"][1]["state"] == {
        "waiting": {"reason": "CreateContainerConfigError", "message": 'secret "s" not found'}
    }
    assert condition(status, "ContainersReady")["message"] == (
        "containers with unready status: [runner]"
    )


def test_a_pod_that_succeeded() -> None:
    status = status_of(GOOD, GOOD)

    assert {condition(status, name)["reason"] for name in ("Initialized", "Ready")} == {
        "PodCompleted"
    }


def test_a_verdict_is_given_once_nothing_runs() -> None:
    assert status_of(RUNNING, GOOD, verdict=LATE)["reason"] is None

    status = status_of(GOOD, GOOD, verdict=LATE)
    assert (status["phase"], status["reason"], status["message"]) == (
        "Failed",
        "DeadlineExceeded",
        "too long",
    )


def test_a_disruption_is_named_as_one() -> None:
    status = status_of(BAD, BAD, verdict=Verdict("Terminated", "bye", is_disruption=True))

    assert condition(status, "DisruptionTarget")["reason"] == "TerminationByKubelet"


def test_a_condition_keeps_its_time_while_it_stays() -> None:
    before = [
        {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:01Z"},
        {
            "type": "ContainersReady",
            "status": "False",
            "lastTransitionTime": "2026-01-01T00:00:01Z",
        },
    ]
    status = status_of(RUNNING, RUNNING, pod={**POD, "status": {"conditions": before}})

    assert condition(status, "Ready")["lastTransitionTime"] == "2026-01-01T00:00:01Z"
    assert condition(status, "ContainersReady")["lastTransitionTime"] == "2026-01-01T00:00:10Z"


def test_the_conditions_of_others_stay() -> None:
    other = {"type": "example.org/Noted", "status": "True"}
    status = status_of(RUNNING, RUNNING, pod={**POD, "status": {"conditions": [other]}})

    assert condition(status, "example.org/Noted") == other


def test_what_was_said_can_be_read_back() -> None:
    assert known_states(status_of(RUNNING, BAD)) == {"kernel": RUNNING, "runner": BAD}
    assert known_states(status_of(WAITING, GOOD)) == {"runner": GOOD}
    assert known_states({}) == {}
