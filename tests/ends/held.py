"""Runs that are held in the middle of their cells, until a test has done something to them."""

import json
import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rig.meeting import AnyPodbook
from rig.until import eventually
from tests.support.ends import Came, End, stage

_SAVES = "from podbook import save_output\nsave_output('done')"


@dataclass
class Held(Came):
    """An execution whose notebook waits for a file, after it has begun."""

    @property
    def now(self) -> Any:
        """What v1 shows of it now."""
        return self.get(f"/v1/executions/{self.name}").json()

    def wait_began(self, times: int = 1) -> None:
        eventually(lambda: len(self.kernels()) >= times, "its cells run")

    def wait_phase(self, phase: str) -> None:
        eventually(lambda: self.now["phase"] == phase, f"it is {phase}")

    def go_on(self) -> None:
        _go_file(self.effects).touch()

    def again(self, **options: Any) -> "Held":
        """Run the same notebook another time."""
        answer = self.podbook.http.post(f"/v1/notebooks/{self.end.id}/executions", json=options)
        assert answer.status_code == 202, answer.text
        return replace(self, name=answer.json()["id"])

    def cancel(self) -> None:
        assert self.podbook.http.post(f"/v1/executions/{self.name}/cancel").status_code == 200

    def pod(self) -> Any:
        """Return its pod as soon as it is there."""
        return eventually(self._pod, "it has a pod")

    def delete_pod(self) -> None:
        self.podbook.kubectl("delete", "pod", self.pod()["metadata"]["name"], "--wait=false")

    def send(self, number: signal.Signals, container: str) -> None:
        """Send a signal to the main process of one of its containers."""
        os.kill(eventually(lambda: self.main_process(container), f"{container} runs"), number)

    def main_process(self, container: str) -> int | None:
        """Return the process of a container of its pod; None while there is none."""
        return self.podbook.main_process(self.pod()["metadata"]["uid"], container)

    def wait_pod_gone(self) -> None:
        eventually(lambda: self._pod() is None, "its pod is gone")

    def _pod(self) -> Any:
        stored = json.loads(self.podbook.kubectl("get", "nbx", self.name, "-o", "json"))
        selector = f"podbook.dev/execution={stored['metadata']['uid']}"
        listed = self.podbook.kubectl("get", "pods", "-l", selector, "-o", "json")
        return next(iter(json.loads(listed)["items"]), None)


def held(podbook: AnyPodbook, effects: Path, sentence: str, **fields: Any) -> Held:
    """Start a run of a notebook of its own that waits after it has begun."""
    end = End(sentence=sentence, reason="", **fields)
    go = _go_file(effects / end.id)
    waits = f"import os, time\nwhile not os.path.exists({str(go)!r}):\n    time.sleep(0.01)"
    end = replace(end, cells=(*end.cells, waits, _SAVES))
    (came,) = stage(podbook, effects, [end]).values()
    return Held(podbook, end, came.effects, came.name)


def _go_file(effects: Path) -> Path:
    return effects.with_name(f"{effects.name}.go")
