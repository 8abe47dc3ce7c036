"""The schemas that the OpenAPI document has beside those of the notebooks."""

from typing import Any, Final

from podbook_api.openapi.execution_parts import PARTS
from podbook_api.v1.requests import InlineRequest, RerunRequest, RunRequest, TicketRequest
from podbook_crds import names
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Fault, Reason
from podbook_crds.resources.notebook import Defaults
from podbook_crds.resources.warning import PREFIX, WARNINGS_LIMIT, Kind

Schema = dict[str, Any]

COMPONENTS: Final = "#/components/schemas/"

_TEXT: Final[Schema] = {"type": "string"}
_MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_MAYBE_TIME: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}


def schemas() -> dict[str, Schema]:
    """Return the schemas by their names; references lead to the document's components."""
    return {
        **PARTS,
        **_of_model("RunRequest", RunRequest),
        **_of_model("InlineRequest", InlineRequest),
        **_of_model("RerunRequest", RerunRequest),
        **_of_model("Defaults", Defaults),
        "Problem": _PROBLEM,
        "Notebook": _object(_NOTEBOOK),
        "NotebookLine": _object(_NOTEBOOK_LINE),
        "NotebookDetails": _object({**_NOTEBOOK, **_NOTEBOOK_LINE, **_DETAILS}),
        "NotebookList": _object(
            {
                "items": {
                    "type": "array",
                    "items": {"anyOf": [reference("Notebook"), reference("NotebookLine")]},
                }
            }
        ),
        "Explanation": _EXPLANATION,
        "Session": _SESSION,
        "Ticket": _object(
            {"ticket": _TEXT, "expiresAt": {"type": "string", "format": "date-time"}}
        ),
        "TicketRequest": own_schema(TicketRequest),
        "Summary": _object({**_COMMON, **_LISTED}),
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


def _or_null(name: str) -> Schema:
    return {"anyOf": [reference(name), {"type": "null"}]}


def _list(name: str) -> Schema:
    return {"type": "array", "items": reference(name)}


def _of_model(name: str, model: Any) -> dict[str, Schema]:
    schema = model.model_json_schema(by_alias=True, ref_template=f"{COMPONENTS}{{model}}")
    return {**schema.pop("$defs", {}), name: schema}


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
            "items": reference("Violation"),
        },
    },
    "required": ["type", "title", "status"],
}

_NOTEBOOK: Final[Schema] = {
    "id": _TEXT,
    "digest": _TEXT,
    "ready": {"type": "boolean"},
    "problem": _MAYBE_TEXT,
    "input": _or_null("JsonSchema"),
    "output": _or_null("JsonSchema"),
    "inferred": {"type": "boolean"},
    "outputValidation": _TEXT,
    "language": _TEXT,
    "defaults": reference("Defaults"),
    "examples": {
        "type": "array",
        "description": "Calls that its author shows: name, parameters, what becomes of them.",
        "items": {"type": "object"},
    },
    "links": reference("NotebookLinks"),
}

_NOTEBOOK_LINE: Final[Schema] = {
    "id": _TEXT,
    "title": {"type": "string", "description": "The notebook's first heading."},
    "description": {"type": "string", "description": "Its first sentence."},
    "contract": {"type": "string", "description": "Such as region, year? → revenue."},
    "language": _TEXT,
    "ready": {"type": "boolean"},
    "problem": _MAYBE_TEXT,
    "lastExecution": _or_null("Summary"),
    "links": reference("NotebookLinks"),
}

_DETAILS: Final[Schema] = {
    "name": {"type": "string", "description": "Of the Notebook resource, for kubectl."},
    "resolved": reference("ResolvedContract"),
}

_EXPLANATION: Final[Schema] = _object(
    {
        "fault": {"type": "string", "enum": [fault.value for fault in Fault]},
        "sentence": {"type": "string", "description": "What happened."},
        "advice": {"type": "string", "description": "What to do; empty where nothing is to do."},
        "cell": {"type": ["integer", "null"], "description": "The failing cell, from 0."},
        "lastLines": {"type": "array", "items": _TEXT, "description": "Of its traceback."},
    }
)

_SESSION: Final[Schema] = _object(
    {
        "user": _TEXT,
        "auth": {"type": "string", "enum": ["loopback", "token", "kubernetes"]},
        "version": _TEXT,
        "namespace": _TEXT,
        "rights": reference("Rights"),
    }
)

_ARTIFACT: Final[Schema] = {
    "type": "object",
    "properties": {
        "name": _TEXT,
        "mediaType": _TEXT,
        "size": {
            **_COUNT,
            "description": "Bytes; left out for a page, which is made when it is asked for.",
        },
        "digest": {
            **_TEXT,
            "description": "Left out for a page, and for a file of a run that has not ended.",
        },
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
    "createdBy": {
        **_MAYBE_TEXT,
        "description": "Who asked this API for it; null where it did not come by this API.",
    },
    "surface": {**_MAYBE_TEXT, "description": "By which of this API's surfaces it came."},
    "startedAt": _MAYBE_TIME,
    "finishedAt": _MAYBE_TIME,
    "durationSeconds": {"type": ["number", "null"], "description": "What its cells took."},
    "links": reference("ExecutionLinks"),
}

_SO_FAR: Final[Schema] = {
    **_or_null("Cells"),
    "description": "Of a running one, where the process that answers was told; else null.",
}

_LISTED: Final[Schema] = {
    "parameters": {"type": "string", "description": "The beginning of their JSON."},
    "cells": _SO_FAR,
    "warnings": {**_COUNT, "description": "How many it has."},
}

_WHOLE: Final[Schema] = {
    "rerunOf": {**_MAYBE_TEXT, "description": "The id of the execution that it runs once more."},
    "keep": {"type": "boolean", "description": "Whether it is kept beyond its time."},
    "expiresAt": {
        **_MAYBE_TIME,
        "description": "When it is deleted; null before its end, and where it is kept.",
    },
    "artifactsExpireAt": {**_MAYBE_TIME, "description": "When its artifacts are."},
    "explanation": reference("Explanation"),
    "cancelledBy": {
        **_MAYBE_TEXT,
        "description": "Who asked this API for its end; null where nobody did.",
    },
    "notebookDigest": _MAYBE_TEXT,
    "parameters": reference("Parameters"),
    "output": {"description": "What save_output saved; null where hasOutput is false."},
    "hasOutput": {"type": "boolean"},
    "violations": {
        "type": "array",
        "description": "Where the output does not fit its contract, failed for it or not: a JSON"
        f" pointer into this object, and what is wrong. The first {names.VIOLATIONS_LIMIT}.",
        "items": reference("Violation"),
    },
    "warnings": {
        "type": "array",
        "description": "What is worth knowing of the run though it changed nothing about its end:"
        f" the first {WARNINGS_LIMIT}. `type` is one of"
        f" {', '.join(PREFIX + kind for kind in Kind)}; the list may grow.",
        "items": reference("Warning"),
    },
    "exception": _or_null("RaisedException"),
    "conditions": _list("Condition"),
    "cells": _or_null("Cells"),
    "attempts": _list("Attempt"),
    "artifacts": _list("Artifact"),
    "cancelled": {"type": "boolean"},
    "webhook": _or_null("WebhookDelivery"),
}
