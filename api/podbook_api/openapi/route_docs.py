"""How a route's bodies and answers stand in the OpenAPI document."""

from typing import Any, Final

from podbook_api.artifacts.artifact_names import IPYNB_TYPE
from podbook_api.openapi.schemas import reference

Responses = dict[int | str, dict[str, Any]]

_JSON: Final = "application/json"


def answers(name: str, *statuses: int, description: str = "As asked for.") -> Responses:
    """Return the answers of a /v1 route: those with a schema, and a problem for all others."""
    content = {_JSON: {"schema": reference(name)}}
    good: Responses = {
        status: {"description": description, "content": content} for status in statuses
    }
    return {**good, "default": PROBLEM}


def run_answers(name: str) -> Responses:
    """Return the answers of a POST that runs a notebook, or shows it where only that is asked."""
    found = answers(name, 200, 202)
    shown = {**found[200]["content"], IPYNB_TYPE: {"schema": {"type": "object"}}}
    ended = "The execution, which is final; with dryRun the notebook with its parameters."
    begun = "The execution, which is not final yet; Location says where it is."
    return {
        **found,
        200: {"description": ended, "content": shown},
        202: {**found[202], "description": begun},
    }


def older_answers(*statuses: int) -> Responses:
    """Return the answers of a route of an older surface: JSON, errors included."""
    anything: dict[str, Any] = {_JSON: {"schema": {}}}
    good: Responses = {
        status: {"description": "As asked for.", "content": anything} for status in statuses
    }
    return good | ANY_ERROR


def body(schema: dict[str, Any], *, example: Any = None) -> dict[str, Any]:
    """Return what `openapi_extra` says of a JSON body; an example, where there is one."""
    shown = {} if example is None else {"example": example}
    return {"requestBody": {"required": True, "content": {_JSON: {"schema": schema, **shown}}}}


PROBLEM: Final[dict[str, Any]] = {
    "description": "A problem document.",
    "content": {"application/problem+json": {"schema": reference("Problem")}},
}
# The executed notebook, where view_html asks for it instead of JSON.
PAGE: Final[Responses] = {
    200: {
        "description": "The run, or its page.",
        "content": {_JSON: {"schema": {}}, "text/html": {"schema": {"type": "string"}}},
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
            "text/event-stream": {"schema": {}},
            "application/x-ndjson": {"schema": {}},
        },
    },
    "default": PROBLEM,
}
# A file of any type, whole, in part, or not again.
FILE: Final[Responses] = {
    200: {"description": "The file.", "content": {"*/*": {"schema": {}}}},
    206: {"description": "The bytes of the Range.", "content": {"*/*": {"schema": {}}}},
    304: {"description": "The caller has it already."},
    416: {"description": "The file has no such bytes."},
    "default": PROBLEM,
}
