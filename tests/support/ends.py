"""One way for an execution to end: how it comes to it, and what is to be seen of it everywhere."""

import json
import re
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from rig.ipynb import notebook, text_of
from rig.meeting import AnyPodbook
from rig.until import ON_A_NODE, eventually

BEGAN = "it began"


@dataclass(frozen=True)
class OnANode:
    """What a real node shows differently of an end, and why."""

    because: str
    # The fields of the row that are others there.
    shows: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class End:
    """A row of the table of ends: a notebook and how it is called, and the end it comes to."""

    sentence: str
    reason: str
    # Cells after the one that says that it began and writes that down outside of the pod.
    cells: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    # Of every cell.
    tags: tuple[str, ...] = ()
    config: dict[str, Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    # The spec of an execution that is made by kubectl instead of over REST.
    applied: dict[str, Any] | None = None

    said: str = ""
    raised: str | None = None
    output: Any = None
    # Besides notebook.ipynb, notebook.html and report.html.
    artifacts: frozenset[str] = frozenset()
    runs: int = 1
    attempts: int = 1
    # What the notebook that was kept holds.
    kept: str = BEGAN
    # The reason of the event by which a laptop's node tells what its pod came to.
    told: str = ""
    on_a_node: OnANode | None = None

    @property
    def id(self) -> str:
        """The id of its notebook, and the name of its execution where kubectl makes it."""
        return re.sub(r"[^a-z0-9]+", "-", self.sentence.lower()).strip("-")[:60].strip("-")

    @property
    def phase(self) -> str:
        return {"NotebookCompleted": "Succeeded", "Cancelled": "Cancelled"}.get(
            self.reason, "Failed"
        )


def as_seen_here(end: End) -> End:
    """Return the row as it is where the suite runs: on a real node or on `podbook up`."""
    return replace(end, **end.on_a_node.shows) if ON_A_NODE and end.on_a_node else end


@dataclass
class Came:
    """An execution that is to come to one of the ends."""

    podbook: AnyPodbook
    end: End
    effects: Path
    name: str

    @cached_property
    def view(self) -> Any:
        """What v1 shows of it when it is final."""
        return self.podbook.finished(self.name)

    @cached_property
    def stored(self) -> Any:
        """The resource when it is final."""
        assert self.view
        return json.loads(self.podbook.kubectl("get", "nbx", self.name, "-o", "json"))

    def get(self, path: str) -> Any:
        answer = self.podbook.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer

    def kept_notebook(self) -> str:
        return text_of(self.get(f"/v1/executions/{self.name}/artifacts/notebook.ipynb").content)

    def kernels(self) -> list[int]:
        """Return the kernels in which its code began, one entry for each time."""
        return began(self.effects)

    def processes(self) -> list[str]:
        """Return what still runs of it: its kernels, and all that stands in its pods' folders."""
        pods = [attempt["podUID"] for attempt in self.view["attempts"]]
        return [line for pod in pods for line in self.podbook.processes_of(pod, self.kernels())]


def stage(podbook: AnyPodbook, effects: Path, ends: list[End]) -> dict[str, Came]:
    """Put the notebooks into the catalog and start one execution of each, all at once."""
    for end in ends:
        if end.applied is None:
            save(podbook, end, effects / end.id)
    for end in ends:
        if end.applied is None:
            eventually(partial(podbook.is_shown, end.id, end.config), f"{end.id!r} is shown")
    _apply(podbook, [end for end in ends if end.applied is not None])
    return {end.sentence: _started(podbook, end, effects / end.id) for end in ends}


def save(podbook: AnyPodbook, end: End, effects: Path) -> None:
    """Save the end's notebook in the catalog."""
    document = notebook(beginning(effects), *end.cells, **end.metadata)
    for cell in document["cells"]:
        cell["metadata"] = {"tags": list(end.tags)}
    podbook.save(end.id, json.dumps(document), end.config)


def beginning(effects: Path) -> str:
    """Return a cell that says that it began, and writes that down where nothing is undone."""
    return (
        f"print({BEGAN!r})\nimport os\nwith open({str(effects)!r}, 'a') as effects:\n"
        "    print(os.getpid(), file=effects)"
    )


def began(effects: Path) -> list[int]:
    """Return the process ids that the beginning was run in."""
    return [int(line) for line in effects.read_text().split()] if effects.exists() else []


def manifest(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "podbook.dev/v1alpha1",
        "kind": "NotebookExecution",
        "metadata": {"name": name},
        "spec": spec,
    }


def _apply(podbook: AnyPodbook, ends: list[End]) -> None:
    made = [json.dumps(manifest(end.id, end.applied or {})) for end in ends]
    if made:
        podbook.kubectl("apply", "-f", "-", stdin="\n---\n".join(made))


def _started(podbook: AnyPodbook, end: End, effects: Path) -> Came:
    if end.applied is not None:
        return Came(podbook, end, effects, end.id)
    answer = podbook.http.post(f"/v1/notebooks/{end.id}/executions", json=end.options)
    assert answer.status_code == 202, answer.text
    return Came(podbook, end, effects, answer.json()["id"])
