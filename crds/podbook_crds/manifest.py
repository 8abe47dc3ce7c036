"""Writes the CustomResourceDefinitions and the admission policy from the types.

python -m podbook_crds.manifest [--check] [FOLDER]
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from podbook_crds import names
from podbook_crds.call_rules.parameters import COUNT_LIMIT
from podbook_crds.definitions import run_pods
from podbook_crds.definitions.policy import binding, policy
from podbook_crds.definitions.rules import NOTEBOOK_REF_RULES, ROOT_RULES, SOURCE_RULES, SPEC_RULES
from podbook_crds.definitions.structural import structural
from podbook_crds.ends.phases import Phase
from podbook_crds.formats.kept_files import keep
from podbook_crds.resources.execution import ExecutionSpec, ExecutionStatus
from podbook_crds.resources.notebook import NotebookSpec, NotebookStatus

Manifest = dict[str, Any]

_HEADER = "# Written by `python -m podbook_crds.manifest` from the types in crds/podbook_crds.\n"


def execution_crd() -> Manifest:
    """Return the CustomResourceDefinition of NotebookExecution."""
    spec, status = structural(ExecutionSpec), structural(ExecutionStatus)
    spec["x-kubernetes-validations"] = SPEC_RULES
    spec["properties"]["notebook"]["x-kubernetes-validations"] = NOTEBOOK_REF_RULES
    spec["properties"]["parameters"]["maxProperties"] = COUNT_LIMIT
    # A new execution shows Queued at once, in kubectl and in selectors, without a write.
    status["default"] = {"phase": Phase.QUEUED.value}
    status["properties"]["output"]["nullable"] = True
    status["properties"]["reason"] = {"type": "string"}
    status["properties"]["conditions"] |= _map_list("type")
    return _crd(
        names.EXECUTION_KIND,
        names.EXECUTION_PLURAL,
        "nbx",
        "One run of a notebook with parameters, in a pod of its own.",
        properties={"spec": spec, "status": status},
        rules=ROOT_RULES,
        selectable=[".status.phase", ".spec.notebook.name"],
        columns=[
            _column("Notebook", ".spec.notebook.name"),
            _column("Phase", ".status.phase"),
            _column("Reason", ".status.reason"),
            _column("Age", ".metadata.creationTimestamp", kind="date"),
            _column("Finished", ".status.finishedAt", kind="date", priority=1),
            _column("Message", ".status.message", priority=1),
        ],
    )


def notebook_crd() -> Manifest:
    """Return the CustomResourceDefinition of Notebook."""
    spec, status = structural(NotebookSpec), structural(NotebookStatus)
    spec["properties"]["source"]["x-kubernetes-validations"] = SOURCE_RULES
    # Whoever applies it writes all of it: merged with what a push left, text would stand beside a
    # digest, and a schema would have the members of two.
    spec["x-kubernetes-map-type"] = "atomic"
    status["properties"]["conditions"] |= _map_list("type")
    return _crd(
        names.NOTEBOOK_KIND,
        names.NOTEBOOK_PLURAL,
        "nb",
        "A notebook that can be run: its content, its contract, and what it runs in.",
        properties={"spec": spec, "status": status},
        rules=[],
        selectable=[".spec.id"],
        columns=[
            _column("Id", ".spec.id"),
            _column("Ready", ".status.conditions[?(@.type=='Ready')].status"),
            _column("Reason", ".status.conditions[?(@.type=='Ready')].reason"),
            _column("Age", ".metadata.creationTimestamp", kind="date"),
        ],
    )


def files() -> dict[str, str]:
    """Return the text of every generated file, by its name."""
    documents = {
        f"{names.NOTEBOOK_PLURAL}.{names.GROUP}.yaml": [notebook_crd()],
        f"{names.EXECUTION_PLURAL}.{names.GROUP}.yaml": [execution_crd()],
        "admission.podbook.dev.yaml": [policy(), binding()],
        f"{run_pods.NAME}.yaml": [run_pods.policy(), run_pods.binding()],
    }
    return {
        name: _HEADER + yaml.safe_dump_all(parts, sort_keys=False, width=120)
        for name, parts in documents.items()
    }


def main() -> int:
    """Write the files, or with --check tell which are not current."""
    parser = argparse.ArgumentParser(prog="python -m podbook_crds.manifest", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("crds"))
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where stale")
    arguments = parser.parse_args()
    command = "python -m podbook_crds.manifest"
    return keep(arguments.folder, files(), command=command, check=arguments.check)


def _crd(
    kind: str,
    plural: str,
    short: str,
    description: str,
    *,
    properties: dict[str, Any],
    rules: list[dict[str, str]],
    selectable: list[str],
    columns: list[Manifest],
) -> Manifest:
    schema: Manifest = {"description": description, "type": "object", "required": ["spec"]}
    schema["properties"] = properties
    if rules:
        schema["x-kubernetes-validations"] = rules
    version = {
        "name": names.VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "selectableFields": [{"jsonPath": path} for path in selectable],
        "additionalPrinterColumns": columns,
        "schema": {"openAPIV3Schema": schema},
    }
    singular = kind.lower()
    called = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": singular}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{names.GROUP}"},
        "spec": {
            "group": names.GROUP,
            "scope": "Namespaced",
            "names": {**called, "shortNames": [short], "categories": ["podbook"]},
            "versions": [version],
        },
    }


def _map_list(key: str) -> Manifest:
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key]}


def _column(name: str, path: str, *, kind: str = "string", priority: int = 0) -> Manifest:
    column: Manifest = {"name": name, "type": kind, "jsonPath": path}
    return {**column, "priority": priority} if priority else column


if __name__ == "__main__":
    sys.exit(main())
