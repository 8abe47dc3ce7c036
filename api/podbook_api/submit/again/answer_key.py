"""What calls have in common that may be given one answer, and the name of the next run of them."""

import uuid
from typing import Any, Final

from podbook_crds import names
from podbook_crds.call_rules.defaults import filled
from podbook_crds.content import canonical, digest_hex
from podbook_crds.errors import InvalidParameters
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import Schema

# To be counted up where runs of before may not answer calls of now.
_VERSION: Final = 1
# The namespace of names made from a key and the run before; never to be changed.
_CHAIN: Final = uuid.UUID("b1f7c5f0-6f5b-5c1e-9a52-0d6c2f1e7a44")

# What of a spec changes no answer: how long it is kept, who is told, what was checked by the call.
_BESIDE: Final = frozenset(
    {"notebook", "parameters", "parametersText", "cancel", "keep", "webhook", "inputValidation"}
)


def terms(execution: Execution, schema: Schema | None) -> bytes:
    """Return all of an execution's spec that its answer depends on, equal for what is the same.

    Raises InvalidParameters where its parameters are none.
    """
    spec = execution.spec
    wire = spec.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    reference: dict[str, Any] = wire["notebook"]
    options = {name: value for name, value in wire.items() if name not in _BESIDE}
    parameters = filled(execution.given_parameters, schema)
    return canonical({"notebook": reference, "parameters": parameters, "options": options})


def are_same(one: Execution, other: Execution, schema: Schema | None) -> bool:
    """Tell whether two executions were asked for with the same."""
    try:
        return terms(one, schema) == terms(other, schema)
    except InvalidParameters:
        return False


def key(wanted: bytes, *, image: str, caller: str | None) -> str:
    """Return the key of a call by its terms; image runs it where the notebook names none.

    caller is None where others may be given the answer.
    """
    parts = {"version": _VERSION, "terms": wanted.decode(), "image": image, "caller": caller}
    return digest_hex(canonical(parts))[: names.PARAMETERS_HASH_LENGTH]


def next_name(answer_key: str, newest: Execution | None) -> str:
    """Return what the run after the newest one is called: the same whoever works it out."""
    before = "" if newest is None else newest.uid
    return str(uuid.uuid5(_CHAIN, f"{answer_key}\n{before}"))
