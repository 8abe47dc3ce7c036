"""The schemas that the OpenAPI document has beside those of the notebooks."""

from typing import Any, Final

from podbook_api.v1.requests import InlineRequest, RunRequest
from podbook_crds import names
from podbook_crds.phases import Phase
from podbook_crds.reasons import Reason
from podbook_crds.warning import PREFIX, WARNINGS_LIMIT, Kind

Schema = dict[str, Any]

COMPONENTS: Final = "#/components/schemas/"

_TEXT: Final[Schema] = {"type": "string"}
_MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_MAYBE_TIME: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_OBJECT: Final[Schema] = {"type": "object"}


def schemas() -> dict[str, Schema]:
    """Return the schemas by their names; references lead to the document's components."""
    return {
        **_of_model("RunRequest", RunRequest),
        **_of_model("InlineRequest", InlineRequest),
        "Problem": _PROBLEM,
        "Notebook": _NOTEBOOK,
        "NotebookList": _object({"items": _list("Notebook")}),
        "Summary": _object(_COMMON),
        "ExecutionList": _object({"items": _list("Summary"), "continue": _MAYBE_TEXT}),
        "Artifact": _ARTIFACT,
        "Warning": _WARNING,
        "Execution": _object({**_COMMON, **_WHOLE}),
    }


def reference(name: str) -> Schema:
    """Return a reference to one of the document's schemas."""
    return {"$ref": f"{COMPONENTS}{name}"}


def own_schema(model: Any) -> Schema:
    """Return a request model's schema, to stand where it is used; it holds plain JSON only."""
    schema: Schema = model.model_json_schema(ref_template=f"{COMPONENTS}{{model}}")
    return {key: value for key, value in schema.items() if key != "$defs"}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(name: str) -> Schema:
    return {"type": "array", "items": reference(name)}


def _of_model(name: str, model: Any) -> dict[str, Schema]:
    schema = model.model_json_schema(by_alias=True, ref_template=f"{COMPONENTS}{{model}}")
    return {**schema.pop("$defs", {}), name: schema}


_MISFIT: Final[Schema] = {
    "type": "object",
    "properties": {
        "pointer": _TEXT,
        "detail": _TEXT,
        "suggestion": {"type": "string", "description": "The declared name that was meant."},
    },
    "required": ["pointer", "detail"],
}

_PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "properties": {
        "type": {"type": "string", "description": "urn:podbook:problem: and a name for programs."},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
        "errors": {
            "type": "array",
            "description": "Every wrong place: a JSON pointer into the request, and what is wrong.",
            "items": _MISFIT,
        },
    },
    "required": ["type", "title", "status"],
}

_NOTEBOOK: Final[Schema] = _object(
    {
        "id": _TEXT,
        "digest": _TEXT,
        "ready": {"type": "boolean"},
        "problem": _MAYBE_TEXT,
        "input": {"type": ["object", "null"]},
        "output": {"type": ["object", "null"]},
        "inferred": {"type": "boolean"},
        "outputValidation": _TEXT,
        "language": _TEXT,
        "defaults": _OBJECT,
        "links": _OBJECT,
    }
)

_ARTIFACT: Final[Schema] = {
    "type": "object",
    "properties": {
        "name": _TEXT,
        "mediaType": _TEXT,
        "size": {**_COUNT, "description": "Bytes; 0 for a page that is made when asked for."},
        "digest": _TEXT,
        "href": _TEXT,
    },
    "required": ["name", "mediaType", "href"],
}

_WARNING: Final[Schema] = {
    "type": "object",
    "properties": {
        "type": _TEXT,
        "pointer": _TEXT,
        "detail": _TEXT,
        "suggestion": _TEXT,
        "cell": _COUNT,
    },
    "required": ["type", "detail"],
}

_COMMON: Final[Schema] = {
    "id": _TEXT,
    "notebook": _MAYBE_TEXT,
    "phase": {"type": "string", "enum": [phase.value for phase in Phase]},
    "reason": {
        "type": ["string", "null"],
        "description": f"One of {', '.join(reason.value for reason in Reason)}.",
    },
    "message": _TEXT,
    "createdAt": {"type": "string", "format": "date-time"},
    "startedAt": _MAYBE_TIME,
    "finishedAt": _MAYBE_TIME,
    "links": _OBJECT,
}

_WHOLE: Final[Schema] = {
    "notebookDigest": _MAYBE_TEXT,
    "parameters": _OBJECT,
    "output": {"description": "What save_output saved; null where hasOutput is false."},
    "hasOutput": {"type": "boolean"},
    "violations": {
        "type": "array",
        "description": "Where the output does not fit its contract, failed for it or not: a JSON"
        f" pointer into this object, and what is wrong. The first {names.VIOLATIONS_LIMIT}.",
        "items": _MISFIT,
    },
    "warnings": {
        "type": "array",
        "description": "What is worth knowing of the run though it changed nothing about its end:"
        f" the first {WARNINGS_LIMIT}. `type` is one of"
        f" {', '.join(PREFIX + kind for kind in Kind)}; the list may grow.",
        "items": reference("Warning"),
    },
    "exception": {"type": ["object", "null"]},
    "conditions": {"type": "array", "items": _OBJECT},
    "cells": {"type": ["object", "null"]},
    "attempts": {"type": "array", "items": _OBJECT},
    "artifacts": {"type": "array", "items": reference("Artifact")},
    "cancelled": {"type": "boolean"},
    "webhook": {
        "type": ["object", "null"],
        "description": "Where its end is told, and how far that has got: state is Pending,"
        " Delivered or Failed.",
    },
}
