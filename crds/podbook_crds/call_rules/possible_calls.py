"""Tells of a contract that no call can meet, whatever it sends: its notebook could never run."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from podbook_crds.call_rules import now_defaults
from podbook_crds.call_rules.defaults import defaults_of
from podbook_crds.call_rules.parameters import ROOT, bad_names
from podbook_crds.errors import InvalidContract
from podbook_crds.formats.json_pointers import pointer_step
from podbook_crds.resources.notebook import NotebookSpec, Schema


def check(spec: NotebookSpec, now: datetime) -> None:
    """Raise InvalidContract where every call would be refused, or fail for the same reason."""
    if spec.input is None or spec.inferred:
        return
    now_defaults.check(spec.input, now)
    if found := next(_impossible(spec.input), ""):
        raise InvalidContract(found)


def _impossible(schema: Schema) -> Iterator[str]:
    if "$ref" in schema:  # What stands beside it may not count.
        return
    types = schema.get("type", "object")
    if "object" not in (types if isinstance(types, list) else [types]):
        yield "/type: parameters are a JSON object, and the contract takes none"
    names = defaults_of(schema)
    for place in bad_names(names, root="/properties"):
        yield f"{place.pointer}: it has a default, and {place.message}"
    required = schema.get("required")
    for name in required if isinstance(required, list) else ():
        yield from _impossible_name(str(name), schema)


def _impossible_name(name: str, schema: Schema) -> Iterator[str]:
    """Yield why no call can give what every call has to."""
    for place in bad_names({name: None}, root=ROOT):
        yield f"/required: {name[:100]!r} cannot be given: {place.message}"
    declared: Any = schema.get("properties")
    declared = declared if isinstance(declared, dict) else {}
    if declared.get(name) is False:
        yield f"/properties{pointer_step(name)}: it is required, and no value is allowed for it"
    is_closed = schema.get("additionalProperties") is False
    if is_closed and name not in declared and not schema.get("patternProperties"):
        yield f"/required: {name[:100]!r} is not declared, and additionalProperties is false"
