"""The labels of an execution: for selectors and lists; what is decided stands in its spec."""

import json
from typing import Any

from podbook_crds import names
from podbook_crds.call_rules.same_parameters import parameters_hash
from podbook_crds.resources.notebook import NotebookSpec, Schema


def of(notebook: str | None, parameters: dict[str, Any], schema: Schema | None) -> dict[str, str]:
    """Return the labels of a call; notebook is the resource's name, None for one sent along."""
    found = {names.PARAMETERS_LABEL: parameters_hash(parameters, schema)}
    return (
        found if notebook is None else {names.NOTEBOOK_LABEL: names.label_value(notebook), **found}
    )


def noted(secrets: frozenset[str], spec: NotebookSpec) -> dict[str, str]:
    """Return annotations for whoever shows a call later.

    They name its secret parameters, and the lock of what its notebook says it needs.
    """
    lock = spec.runtime.environment
    return {
        **({names.SECRETS_ANNOTATION: json.dumps(sorted(secrets))} if secrets else {}),
        **({} if lock is None else {names.ENVIRONMENT_ANNOTATION: lock}),
    }
