"""Says what a kubelet says about a pod, from what is known about its containers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from podbook_cluster.kubelet.client import Pod

# Shown wherever a kubelet names the image it pulled: here none is.
IMAGE_IGNORED: Final = "podbook-local://ignored"
ADDRESS: Final = "127.0.0.1"
KILLED: Final = 137
# What a kubelet gives as the start of a container that could not be started.
_NEVER: Final = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not started yet, or never."""

    reason: str = "ContainerCreating"
    message: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """Its main process runs."""

    container_id: str
    started_at: str


@dataclass(frozen=True, slots=True)
class Terminated:
    """Its main process has ended, or could not be started."""

    exit_code: int
    reason: str
    finished_at: str
    started_at: str | None = None
    container_id: str = ""
    message: str = ""


State = Waiting | Running | Terminated


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why the pod as a whole fails, whatever its containers say."""

    reason: str
    message: str
    # Ended by the machine, not by anything in the pod: others may run it again.
    is_disruption: bool = False


def phase_of(states: Sequence[State], verdict: Verdict | None) -> str:
    """Return the pod's phase; a verdict counts once nothing runs any more."""
    if any(isinstance(state, Running) for state in states):
        return "Running"
    if verdict:
        return "Failed"
    if any(isinstance(state, Waiting) for state in states):
        return "Pending"
    codes = [state.exit_code for state in states if isinstance(state, Terminated)]
    return "Failed" if any(codes) else "Succeeded"


def is_final(status: Mapping[str, Any]) -> bool:
    """Whether a pod's status is one that never changes again."""
    return status.get("phase") in {"Succeeded", "Failed"}


def pod_status(
    pod: Pod,
    states: Mapping[str, State],
    *,
    began_at: str,
    now: str,
    verdict: Verdict | None = None,
) -> dict[str, Any]:
    """Return the whole status of a pod; times are RFC 3339 in whole seconds."""
    phase = phase_of(list(states.values()), verdict)
    said = verdict if phase == "Failed" else None
    return {
        "phase": phase,
        "reason": said.reason if said else None,
        "message": said.message if said else None,
        "hostIP": ADDRESS,
        "hostIPs": [{"ip": ADDRESS}],
        "podIP": ADDRESS,
        "podIPs": [{"ip": ADDRESS}],
        "startTime": began_at,
        "conditions": _conditions(pod, states, phase=phase, now=now, verdict=said),
        "containerStatuses": [
            _container_status(container, states[container["name"]])
            for container in pod["spec"]["containers"]
            if container["name"] in states
        ],
    }


def known_states(status: Mapping[str, Any]) -> dict[str, State]:
    """Read back what a status says about containers that have run."""
    states: dict[str, State] = {}
    for item in status.get("containerStatuses") or ():
        if running := item["state"].get("running"):
            states[item["name"]] = Running(item.get("containerID", ""), running["startedAt"])
        elif ended := item["state"].get("terminated"):
            states[item["name"]] = Terminated(
                exit_code=ended["exitCode"],
                reason=ended.get("reason", ""),
                finished_at=ended["finishedAt"],
                started_at=ended.get("startedAt"),
                container_id=ended.get("containerID", ""),
                message=ended.get("message", ""),
            )
    return states


def _container_status(container: Mapping[str, Any], state: State) -> dict[str, Any]:
    runs = isinstance(state, Running)
    status = {
        "name": container["name"],
        "image": container.get("image", ""),
        "imageID": IMAGE_IGNORED,
        "ready": runs,
        "started": runs,
        "restartCount": 0,
        "lastState": {},
        "state": _state(state),
    }
    if not isinstance(state, Waiting) and state.container_id:
        status["containerID"] = state.container_id
    return status


def _state(state: State) -> dict[str, Any]:
    if isinstance(state, Waiting):
        return {"waiting": _filled(reason=state.reason, message=state.message)}
    if isinstance(state, Running):
        return {"running": {"startedAt": state.started_at}}
    return {
        "terminated": {
            "exitCode": state.exit_code,
            "startedAt": state.started_at or _NEVER,
            "finishedAt": state.finished_at,
            **_filled(reason=state.reason, message=state.message, containerID=state.container_id),
        }
    }


def _filled(**fields: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}


def _conditions(
    pod: Pod, states: Mapping[str, State], *, phase: str, now: str, verdict: Verdict | None
) -> list[dict[str, Any]]:
    before = {item["type"]: item for item in pod.get("status", {}).get("conditions") or ()}
    names = [container["name"] for container in pod["spec"]["containers"]]
    ready = _readiness(names, states, phase)
    done = {"reason": "PodCompleted"} if phase == "Succeeded" else {}
    wanted = {
        "PodReadyToStartContainers": {"status": _truth(phase == "Running")},
        "Initialized": {"status": "True", **done},
        "Ready": ready,
        "ContainersReady": ready,
        "PodScheduled": {"status": "True"},
    }
    if verdict and verdict.is_disruption:
        wanted["DisruptionTarget"] = {
            "status": "True",
            "reason": "TerminationByKubelet",
            "message": verdict.message,
        }
    ours = [_condition(name, fields, before.get(name), now) for name, fields in wanted.items()]
    return ours + [item for name, item in before.items() if name not in wanted]


def _readiness(names: Sequence[str], states: Mapping[str, State], phase: str) -> dict[str, str]:
    unready = [name for name in names if not isinstance(states.get(name), Running)]
    if not unready:
        return {"status": "True"}
    if phase in {"Succeeded", "Failed"}:
        return {
            "status": "False",
            "reason": "PodCompleted" if phase == "Succeeded" else "PodFailed",
        }
    return {
        "status": "False",
        "reason": "ContainersNotReady",
        "message": f"containers with unready status: [{' '.join(unready)}]",
    }


def _condition(
    name: str, fields: Mapping[str, str], before: Mapping[str, Any] | None, now: str
) -> dict[str, Any]:
    same = before is not None and before.get("status") == fields["status"]
    since = before.get("lastTransitionTime") if same and before else now
    return {"type": name, "lastProbeTime": None, "lastTransitionTime": since, **fields}


def _truth(value: bool) -> str:
    return "True" if value else "False"
