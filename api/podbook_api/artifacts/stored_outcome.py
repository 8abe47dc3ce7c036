"""Completes an execution from the store: parameters kept as text, outputs kept as artifacts."""

import contextlib
from typing import Any, Final

from podbook_api.artifacts.store import Store, artifact_path
from podbook_api.http.reading import values
from podbook_api.http.reading.reader import Reader, Unreadable
from podbook_crds import names
from podbook_crds.errors import InvalidParameters
from podbook_crds.resources.execution import Execution

# A larger output is only told of; it is fetched as the artifact output.json.
_INLINE: Final = 4 * 1024 * 1024


async def completed(store: Store, reader: Reader, execution: Execution) -> Execution:
    """Return the execution with its parameters and its output as they really are.

    A large output is there as WrittenJson. One that cannot be read in bounds is only told of.
    """
    execution, status = with_parameters(execution), execution.status
    reference = status.output_ref
    elsewhere = reference is not None or (status.has_output and status.output is None)
    if elsewhere and (reference is None or reference.size <= _INLINE):
        data = await store.get(artifact_path(execution.uid, names.OUTPUT_ARTIFACT))
        if data is not None and len(data) <= _INLINE:
            with contextlib.suppress(Unreadable):
                output = await values.output(reader, data)
                status = status.model_copy(update={"output": output})
    return execution.model_copy(update={"status": status})


def with_parameters(execution: Execution) -> Execution:
    """Return the execution with its parameters as they were sent, and nothing of its output."""
    if execution.spec.parameters_text is None:
        return execution
    parameters: dict[str, Any] = {}
    with contextlib.suppress(InvalidParameters):  # Its end says so.
        parameters = execution.given_parameters
    return execution.model_copy(
        update={"spec": execution.spec.model_copy(update={"parameters": parameters})}
    )
