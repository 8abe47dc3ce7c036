"""How a route's bodies and answers stand in the OpenAPI document."""

from typing import Any, Final

from podbook_api.openapi.references import reference
from podbook_crds.formats import media_types

Responses = dict[int | str, dict[str, Any]]

_JSON: Final = media_types.JSON

ENDED: Final = "The execution, which is final; with dryRun the notebook with its parameters."
BEGUN: Final = "The execution, which is not final yet; Location says where it is."
SHOWN: Final[dict[str, Any]] = {media_types.IPYNB: {"schema": {"type": "object"}}}


def answers(model: Any, *statuses: int, description: str = "As asked for.") -> Responses:
    """Return the answers of a /v1 route: those of the type, and a problem for all others."""
    good: Responses = {status: {"description": description, "model": model} for status in statuses}
    return {**good, "default": PROBLEM}


def run_answers(model: Any) -> Responses:
    """Return the answers of a POST that runs a notebook, or shows it where only that is asked."""
    return {
        200: {"description": ENDED, "model": model, "content": SHOWN},
        202: {"description": BEGUN, "model": model},
        "default": PROBLEM,
    }


def run_answers_at(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the answers of a POST that runs one notebook, whose executions are of that schema."""
    content = {_JSON: {"schema": schema}}
    return {
        "200": {"description": "The execution, which is final.", "content": content},
        "202": {"description": BEGUN, "content": content},
        "default": PROBLEM,
    }


def older_answers(*statuses: int) -> Responses:
    """Return the answers of a route of an older surface: JSON, errors included."""
    anything: dict[str, Any] = {_JSON: {"schema": {}}}
    good: Responses = {
        status: {"description": "As asked for.", "content": anything} for status in statuses
    }
    return good | ANY_ERROR


def body(schema: Any, *, example: Any = None) -> dict[str, Any]:
    """Return what `openapi_extra` says of a JSON body: of a type of /v1, or of any schema."""
    schema = schema if isinstance(schema, dict) else reference(schema)
    shown = {} if example is None else {"example": example}
    return {"requestBody": {"required": True, "content": {_JSON: {"schema": schema, **shown}}}}


PROBLEM: Final[dict[str, Any]] = {
    "description": "A problem document.",
    "content": {media_types.PROBLEM: {"schema": reference("Problem")}},
}
# The executed notebook, where view_html asks for it instead of JSON.
PAGE: Final[Responses] = {
    200: {
        "description": "The run, or its page.",
        "content": {_JSON: {"schema": {}}, media_types.HTML: {"schema": {"type": "string"}}},
    }
}
# As the older systems worded it; what is wrong with HTTP itself is a problem document everywhere.
ANY_ERROR: Final[Responses] = {
    "default": {
        "description": "An error, in JSON.",
        "content": {_JSON: {"schema": {}}, **PROBLEM["content"]},
    }
}
# A stream, for as long as the run goes on.
STREAM: Final[Responses] = {
    200: {
        "description": "Events, each a JSON object with a `type`; the last is execution.finished.",
        "content": {
            media_types.EVENT_STREAM: {"schema": {}},
            media_types.NDJSON: {"schema": {}},
        },
    },
    "default": PROBLEM,
}
# The end of a log.
TEXT: Final[Responses] = {
    200: {
        "description": "The last 256 KiB of it.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    },
    "default": PROBLEM,
}
# Generators of clients know what to do with the first; the second says what is true.
_BYTES: Final[dict[str, Any]] = {
    media_types.BYTES: {"schema": {"type": "string", "format": "binary"}},
    "*/*": {"schema": {}},
}
# A file of any type, whole, in part, or not again.
FILE: Final[Responses] = {
    200: {"description": "The file.", "content": _BYTES},
    206: {"description": "The bytes of the Range.", "content": _BYTES},
    304: {"description": "The caller has it already."},
    416: {"description": "The file has no such bytes."},
    "default": PROBLEM,
}
