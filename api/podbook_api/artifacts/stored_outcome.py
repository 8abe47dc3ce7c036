"""Completes an execution from the store: parameters kept as text, outputs kept as artifacts."""

import contextlib
import json
from typing import Any, Final

from podbook_api.artifacts.store import Store, artifact_path
from podbook_crds import names
from podbook_crds.errors import InvalidParameters
from podbook_crds.resources.execution import Execution

# A larger output is only told of; it is fetched as the artifact output.json.
_INLINE: Final = 4 * 1024 * 1024


async def completed(store: Store, execution: Execution) -> Execution:
    """Return the execution with its parameters and its output as they really are."""
    spec, status = execution.spec, execution.status
    if spec.parameters_text is not None:
        parameters: dict[str, Any] = {}
        with contextlib.suppress(InvalidParameters):  # Its end says so.
            parameters = execution.given_parameters
        spec = spec.model_copy(update={"parameters": parameters})
    reference = status.output_ref
    elsewhere = reference is not None or (status.has_output and status.output is None)
    if elsewhere and (reference is None or reference.size <= _INLINE):
        data = await store.get(artifact_path(execution.uid, names.OUTPUT_ARTIFACT))
        if data is not None and len(data) <= _INLINE:
            status = status.model_copy(update={"output": json.loads(data)})
    return execution.model_copy(update={"spec": spec, "status": status})
