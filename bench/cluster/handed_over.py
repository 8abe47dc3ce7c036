"""What a waiting pod's hand-over takes on a real node, hop by hop, at 20 calls a second.

So many pods wait as a small node has room for; they are called for one after the other, and made
anew before the next round.
"""

import statistics
import time
from datetime import datetime
from typing import Any, Final

from podbook_crds.names import API_VERSION, PREPARED_CONDITION
from rig.ipynb import notebook
from rig.kube_client import Kube, unique
from rig.until import eventually
from tests.cluster.installed import FINAL, Installed

ONE: Final = "one-waits"
_MANY: Final = "some-wait"
_COUNT: Final = 6
_ROUNDS: Final = 5
_BETWEEN_SECONDS: Final = 1 / 20
_GROUP, _, _VERSION = API_VERSION.partition("/")


def keep(podbook: Installed) -> None:
    """Put a notebook of two cells into the catalog for which one pod waits."""
    podbook.put(ONE, notebook("x = 1", "print(x)"), warm={"min": 1, "max": 1})
    podbook.put(_MANY, notebook("x = 1", "print(x)"), warm={"min": 0, "max": _COUNT})


def executions(kube: Kube) -> str:
    """Return the path of all executions."""
    return kube.path("notebookexecutions", group=_GROUP, version=_VERSION)


def execution(name: str, called: dict[str, str]) -> dict[str, Any]:
    """Return an execution of what is called."""
    kind = {"apiVersion": API_VERSION, "kind": "NotebookExecution"}
    return {**kind, "metadata": {"name": name}, "spec": {"notebook": called}}


def some_wait(kube: Kube, name: str, *, count: int = 1) -> None:
    """Return when so many pods can be given to calls of the notebook."""
    selector = f"podbook.dev/warm=idle,podbook.dev/notebook={name}"

    def wait() -> bool:
        listed = kube.request("GET", kube.path("pods"), labelSelector=selector).body["items"]
        return sum(map(_is_prepared, listed)) >= count

    eventually(wait, f"{count} pods wait for {name}", seconds=300)


def measure(kube: Kube) -> None:
    """Print the table."""
    path = f"{kube.path('notebooks', group=_GROUP, version=_VERSION)}/{_MANY}"
    warm = {"spec": {"warm": {"min": _COUNT, "max": _COUNT}}}
    kube.request("PATCH", path, warm, content_type="application/merge-patch+json")
    ended = [status for _ in range(_ROUNDS) for status in _round(kube)]
    print(f"\n| {len(ended)} warm calls at 20/s | p50 | p99 |\n|---|---|---|")
    for what, seconds in _hops(ended).items():
        late = statistics.quantiles(seconds, n=100, method="inclusive")[-1]
        print(f"| {what} | {statistics.median(seconds) * 1000:.0f} ms | {late * 1000:.0f} ms |")


def _round(kube: Kube) -> list[tuple[float, dict[str, Any]]]:
    some_wait(kube, _MANY, count=_COUNT)
    called = []
    for _ in range(_COUNT):
        name, began = unique("bench"), time.time()
        kube.create(executions(kube), execution(name, {"name": _MANY}))
        called.append((name, began))
        time.sleep(max(0.0, began + _BETWEEN_SECONDS - time.time()))
    return [(began, _ended(kube, name)) for name, began in called]


def _ended(kube: Kube, name: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        found = kube.request("GET", f"{executions(kube)}/{name}").body
        status: dict[str, Any] = found.get("status", {})
        return status if status.get("phase") in FINAL else None

    found: dict[str, Any] = eventually(ended, f"{name} is final")
    return found


def _hops(ended: list[tuple[float, dict[str, Any]]]) -> dict[str, list[float]]:
    """Return the times between what was written down on the way; of cold ones none."""
    hops: dict[str, list[float]] = {}
    for began, status in ended:
        (*_, attempt) = status["attempts"]
        moments = [began, *(_at(attempt[m]) for m in ("claimedAt", "startedAt", "finishedAt"))]
        if not attempt.get("warm"):
            continue
        for what, start, end in zip(_HOPS, moments, moments[1:], strict=False):
            hops.setdefault(what, []).append(end - start)
    return hops


_HOPS: Final = ("creation to claim: it is given", "claim to first cell", "the cells")


def _is_prepared(pod: dict[str, Any]) -> bool:
    conditions = pod["status"].get("conditions") or []
    return any((c["type"], c["status"]) == (PREPARED_CONDITION, "True") for c in conditions)


def _at(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
