"""Sums a pod up in the columns that `kubectl get pods` shows, as a real API server does."""

from collections.abc import Iterable

from podbook_cluster.apiserver.storage.records import Object


def status(pod: Object) -> str:
    """Return the STATUS: what the first container of which there is something to say is about."""
    found = pod.get("status") or {}
    phase = str(found.get("phase") or "Unknown")
    if pod["metadata"].get("deletionTimestamp") and phase not in ("Succeeded", "Failed"):
        return "Terminating"
    told = next((text for item in _containers(pod) if (text := _told(item))), None)
    if told == "Completed" and any(_is_up(item) for item in _containers(pod)):
        return "Running" if _is_ready(pod) else "NotReady"
    return told or str(found.get("reason") or phase)


def ready(pod: Object) -> str:
    """Return how many of the containers run and are ready."""
    up = sum(_is_up(item) for item in _containers(pod))
    return f"{up}/{len(pod['spec'].get('containers') or ())}"


def restarts(pod: Object) -> str:
    """Return how often its containers were started again."""
    return str(sum(item.get("restartCount", 0) for item in _containers(pod)))


def _containers(pod: Object) -> Iterable[Object]:
    return (pod.get("status") or {}).get("containerStatuses") or ()


def _told(container: Object) -> str:
    state = container.get("state") or {}
    waiting, ended = state.get("waiting") or {}, state.get("terminated")
    if ended is None or waiting.get("reason"):
        return str(waiting.get("reason") or "")
    if ended.get("signal") and not ended.get("reason"):
        return f"Signal:{ended['signal']}"
    return str(ended.get("reason") or f"ExitCode:{ended.get('exitCode', 0)}")


def _is_up(container: Object) -> bool:
    return bool(container.get("ready")) and "running" in (container.get("state") or {})


def _is_ready(pod: Object) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(item.get("type") == "Ready" and item.get("status") == "True" for item in conditions)
