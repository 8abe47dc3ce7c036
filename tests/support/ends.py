"""One way for an execution to end: how it comes to it, and what is to be seen of it everywhere."""

import json
import re
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from tests.support.ipynb import notebook, text_of
from tests.support.running import RunningPodbook, eventually, processes

BEGAN = "it began"


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

    @property
    def id(self) -> str:
        """The id of its notebook, and the name of its execution where kubectl makes it."""
        return re.sub(r"[^a-z0-9]+", "-", self.sentence.lower()).strip("-")[:60].strip("-")

    @property
    def phase(self) -> str:
        return {"NotebookCompleted": "Succeeded", "Cancelled": "Cancelled"}.get(
            self.reason, "Failed"
        )


@dataclass
class Came:
    """An execution that is to come to one of the ends."""

    podbook: RunningPodbook
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
        listed = processes()
        kernels = [listed[pid][1] for pid in self.kernels() if pid in listed]
        return kernels + [
            line for pod in self.view["attempts"] for line in inside(self.podbook, pod["podUID"])
        ]


def stage(podbook: RunningPodbook, effects: Path, ends: list[End]) -> dict[str, Came]:
    """Put the notebooks into the folder and start one execution of each, all at once."""
    for end in ends:
        if end.applied is None:
            save(podbook, end, effects / end.id)
    shown = partial(_are_shown, podbook, [end.id for end in ends if end.applied is None])
    eventually(shown, "all notebooks are shown")
    _apply(podbook, [end for end in ends if end.applied is not None])
    return {end.sentence: _started(podbook, end, effects / end.id) for end in ends}


def save(podbook: RunningPodbook, end: End, effects: Path) -> None:
    """Save the end's notebook in the folder."""
    path = podbook.folder / f"{end.id}.ipynb"
    if end.config is not None:
        path.with_suffix(".config.json").write_text(json.dumps(end.config))
    document = notebook(beginning(effects), *end.cells, **end.metadata)
    for cell in document["cells"]:
        cell["metadata"] = {"tags": list(end.tags)}
    path.write_text(json.dumps(document))


def beginning(effects: Path) -> str:
    """Return a cell that says that it began, and writes that down where nothing is undone."""
    return (
        f"print({BEGAN!r})\nimport os\nwith open({str(effects)!r}, 'a') as effects:\n"
        "    print(os.getpid(), file=effects)"
    )


def began(effects: Path) -> list[int]:
    """Return the process ids that the beginning was run in."""
    return [int(line) for line in effects.read_text().split()] if effects.exists() else []


def inside(podbook: RunningPodbook, pod_uid: str) -> list[str]:
    """Return the command lines of the processes whose working folder is below the pod's."""
    folder = podbook.data / "cluster" / "pods" / pod_uid
    listed = processes()
    return [listed[pid][1] for pid in listed if _working_folder(pid).is_relative_to(folder)]


def manifest(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "podbook.dev/v1alpha1",
        "kind": "NotebookExecution",
        "metadata": {"name": name},
        "spec": spec,
    }


def _are_shown(podbook: RunningPodbook, notebooks: list[str]) -> bool:
    answers = (podbook.http.get(f"/v1/notebooks/{name}") for name in notebooks)
    return all(answer.status_code == 200 for answer in answers)


def _apply(podbook: RunningPodbook, ends: list[End]) -> None:
    made = [json.dumps(manifest(end.id, end.applied or {})) for end in ends]
    if made:
        podbook.kubectl("apply", "-f", "-", stdin="\n---\n".join(made))


def _started(podbook: RunningPodbook, end: End, effects: Path) -> Came:
    if end.applied is not None:
        return Came(podbook, end, effects, end.id)
    answer = podbook.http.post(f"/v1/notebooks/{end.id}/executions", json=end.options)
    assert answer.status_code == 202, answer.text
    return Came(podbook, end, effects, answer.json()["id"])


def _working_folder(pid: int) -> Path:
    """Return where a process stands; the root for one that ended, or where there is no /proc."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return Path("/")
