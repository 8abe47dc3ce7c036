"""The newest result of a notebook for each set of parameters, which may outlive its time."""

from typing import Any

from podbook_crds import names
from podbook_crds.ends.phases import Phase
from podbook_crds.resources.notebook import Notebook

Resource = dict[str, Any]


def result_key(resource: Resource) -> tuple[str, str] | None:
    """Return what an execution is a result of: its notebook's name, and its parameters' hash."""
    metadata, status = resource["metadata"], resource.get("status") or {}
    parameters = (metadata.get("labels") or {}).get(names.PARAMETERS_LABEL)
    notebook = resource["spec"]["notebook"].get("name")
    if status.get("phase") != Phase.SUCCEEDED or parameters is None or notebook is None:
        return None
    return notebook, parameters


def submitted(resource: Resource) -> tuple[str, str]:
    """Return where an execution stands in the order of submission."""
    metadata = resource["metadata"]
    at = (metadata.get("annotations") or {}).get(names.SUBMITTED_ANNOTATION)
    return at or metadata["creationTimestamp"], metadata["name"]


def keeps_latest(notebook: Notebook) -> bool:
    """Whether the newest results of the notebook stay beyond their time."""
    report = notebook.spec.report
    return report is not None and report.keep_latest


class Latest:
    """Collects, from complete lists of notebooks and executions, which of these stay."""

    def __init__(self) -> None:
        # By what executions call them.
        self._notebooks: dict[str, str] = {}
        self._newest: dict[tuple[str, str], tuple[tuple[str, str], str]] = {}

    def notebook(self, notebook: Notebook) -> None:
        """Take in a notebook; all of them before the first execution."""
        if keeps_latest(notebook):
            self._notebooks |= {notebook.id: notebook.name, notebook.name: notebook.name}

    def execution(self, resource: Resource) -> None:
        """Take in an execution."""
        key = result_key(resource)
        if key is None or key[0] not in self._notebooks:
            return
        key = (self._notebooks[key[0]], key[1])
        found = (submitted(resource), resource["metadata"]["uid"])
        self._newest[key] = max(self._newest.get(key, found), found)

    def uids(self) -> set[str]:
        """Return the uids of the newest results."""
        return {uid for _, uid in self._newest.values()}
