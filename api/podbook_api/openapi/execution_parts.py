"""The parts of an execution in the OpenAPI document, so named that generated clients type them."""

from typing import Any, Final

from podbook_crds.resources.webhook import DeliveryState

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_MAYBE_SCHEMA: Final[Schema] = {
    "anyOf": [{"$ref": "#/components/schemas/JsonSchema"}, {"type": "null"}]
}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}


def _object(required: Schema, optional: Schema | None = None) -> Schema:
    """Return an object; what is optional is left out where it is not known."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required)}


PARTS: Final[dict[str, Schema]] = {
    "Parameters": {
        "type": "object",
        "description": "Values by their names.",
        "additionalProperties": True,
    },
    "JsonSchema": {
        "type": "object",
        "description": "A JSON Schema, as its author wrote it.",
        "additionalProperties": True,
    },
    "Violation": {
        **_object(
            {"pointer": _TEXT, "detail": _TEXT},
            {"suggestion": {"type": "string", "description": "The declared name that was meant."}},
        ),
        "description": "A JSON pointer (RFC 6901) to what does not fit, and why it does not.",
    },
    "ResolvedContract": {
        "type": "object",
        "properties": dict.fromkeys(("input", "output"), _MAYBE_SCHEMA),
        "description": "input and output with the shared models in their places.",
    },
    "Rights": {
        "type": "object",
        "description": "What the caller may do: verbs of notebooks and of executions.",
        "additionalProperties": {"type": "array", "items": _TEXT},
    },
    "ExecutionLinks": _object(
        dict.fromkeys(("self", "page", "cancel", "rerun", "events", "report", "notebook"), _TEXT)
    ),
    "NotebookLinks": _object({"self": _TEXT, "executions": _TEXT}),
    "Cells": {
        **_object({"total": _COUNT, "completed": _COUNT}),
        "description": "How many code cells the notebook has, and how many have run.",
    },
    "RaisedException": {
        **_object({"name": _TEXT, "value": _TEXT, "traceback": _TEXT}, {"cell": _COUNT}),
        "description": "What a cell raised; cell is its index in the notebook, from 0.",
    },
    "Condition": _object(
        {"type": _TEXT, "status": _TEXT, "reason": _TEXT, "message": _TEXT},
        {"lastTransitionTime": _TIME, "observedGeneration": _COUNT},
    ),
    "Attempt": {
        **_object(
            {"number": {"type": "integer", "minimum": 1}, "message": _TEXT},
            {
                "podUID": _TEXT,
                "reason": _TEXT,
                **dict.fromkeys(("createdAt", "claimedAt", "startedAt", "finishedAt"), _TIME),
            },
        ),
        "description": "One pod that was made for the execution.",
    },
    "WebhookDelivery": {
        **_object(
            {
                "url": _TEXT,
                "state": {"type": "string", "enum": [state.value for state in DeliveryState]},
                "attempts": _COUNT,
                "message": _TEXT,
            },
            {
                "lastAttemptAt": _TIME,
                "nextAttemptAt": _TIME,
                "responseStatus": {"type": "integer"},
            },
        ),
        "description": "Where its end is told, and how far that has got.",
    },
}
