"""The part of the document that is made from the catalog: an operation for each notebook."""

import contextlib
import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from podbook_api.openapi import contract_schemas, route_docs
from podbook_api.openapi.component_names import ComponentNames, pascal, short_hash
from podbook_api.openapi.examples import example
from podbook_api.openapi.references import reference
from podbook_api.state.catalog import Entry
from podbook_api.v1.answers.execution import Execution
from podbook_api.v1.requests import RunRequest
from podbook_crds.checking.at_once import found
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidContract

Document = dict[str, Any]

# Of notebooks that stand in no folder; each folder has a tag of its own.
ROOT_TAG: Final = "run a notebook"


def path_of(entry: Entry) -> str:
    """Return where a POST runs the notebook."""
    return f"/v1/notebooks/{quote(entry.notebook.id)}/executions"


def tag_of(notebook_id: str) -> str:
    """Return the tag of the notebook's folder."""
    return notebook_id.rpartition("/")[0] or ROOT_TAG


def operation(entry: Entry, name: str, names: ComponentNames) -> tuple[Document, Document]:
    """Return the operation that runs the notebook, and the schemas that it refers to."""
    spec = entry.notebook.spec
    owner = pascal(name)
    request, execution = names.of(owner, "Request"), names.of(owner, "Execution")
    takes, gives = names.of(owner, "Input"), names.of(owner, "Output")
    components: Document = {}
    for part, schema in ((takes, spec.input), (gives, spec.output)):
        if schema is not None:
            with contextlib.suppress(RecursionError):  # Nested so deeply, it is nobody's contract.
                components |= contract_schemas.components(
                    part, schema, spec.models, names=names, of=owner
                )
    takes, gives = (part if part in components else "" for part in (takes, gives))
    components[request] = _request(takes, spec.input or {})
    components[execution] = _execution(gives)
    made = {
        "tags": [tag_of(entry.notebook.id)],
        "operationId": f"run_{name}",
        "summary": f"Run {entry.notebook.id}{' (cannot be run now)' if entry.problem else ''}",
        **({"description": f"**{entry.problem}**"} if entry.problem else {}),
        "parameters": PARAMETERS,
        **route_docs.body(reference(request), example=_example(entry, takes, components)),
        "responses": route_docs.run_answers_at(reference(execution)),
    }
    return made, components


def _request(takes: str, schema: Document) -> Document:
    if not takes:
        return reference(RunRequest)
    required = {"required": ["parameters"]} if schema.get("required") else {}
    own = {"type": "object", "properties": {"parameters": reference(takes)}, **required}
    return {"allOf": [reference(RunRequest), own]}


def _execution(gives: str) -> Document:
    if not gives:
        return reference(Execution)
    output = {"anyOf": [reference(gives), {"type": "null"}]}
    own = {"type": "object", "properties": {"output": output}, "required": ["output"]}
    return {"allOf": [reference(Execution), own]}


def _example(entry: Entry, takes: str, components: Document) -> Document | None:
    """Return a body that the notebook takes, so that trying it out needs no editing."""
    spec = entry.notebook.spec
    if shown := [each for each in spec.examples if each.reason is None and each.exception is None]:
        return {"parameters": shown[0].parameters}
    if not spec.input:
        return {"parameters": {}}
    parameters = example(reference(takes), components)
    try:
        wrong = found(parameters, Contract(spec.input, spec.models), root="", formats=True)
    except InvalidContract:
        return None
    # None is not known at once: for an example, nobody waits.
    is_fitting = wrong == [] and isinstance(parameters, dict)
    return {"parameters": parameters} if is_fitting else None


def names_of(notebook_ids: Iterable[str]) -> dict[str, str]:
    """Return each notebook's part of names: of its id alone, so that it never changes.

    Only where ids differ in nothing that a generated client can tell apart, such as their case, all
    but one of them are told apart by a hash.
    """
    named: dict[str, str] = {}
    read: set[str] = set()
    for notebook_id in sorted(notebook_ids, key=lambda one: (one != one.lower(), one)):
        name = _name(notebook_id)
        if pascal(name).casefold() in read:
            name = f"{name}_{short_hash(notebook_id)}"
        read.add(pascal(name).casefold())
        named[notebook_id] = name
    return named


def _name(notebook_id: str) -> str:
    name = re.sub(r"[^A-Za-z0-9]+", "_", notebook_id).strip("_")
    if name == notebook_id:
        return name
    return f"{name or 'notebook'}_{short_hash(notebook_id)}"


# Not dryRun, which answers with a notebook: a typed call has one type of answer. The operation for
# all notebooks has it.
PARAMETERS: Final = [
    {
        "name": "wait",
        "in": "query",
        "description": "Seconds to wait for the end, at most 60.",
        "schema": {"type": "number", "minimum": 0, "maximum": 60},
    },
    {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key with the same body leads to the same execution.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    {
        "name": "Cache-Control",
        "in": "header",
        "description": "no-cache: run it though there is an answer of a moment ago.",
        "schema": {"type": "string"},
    },
]
