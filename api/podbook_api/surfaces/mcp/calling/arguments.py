"""What the fixed tools take: checked here, as the protocol's server checks nothing."""

import json
import math
from collections.abc import Iterator
from typing import Any, Final, TypeVar

from pydantic import ConfigDict, Field, JsonValue, ValidationError

from podbook_api.http import wrong_values
from podbook_api.http.problems import Problem
from podbook_crds.errors import Violation
from podbook_crds.formats.json_pointers import pointer_step
from podbook_crds.resources.model import Model

# Bytes of an artifact that one call gives.
CHUNK: Final = 16 * 1024
LARGEST_CHUNK: Final = 64 * 1024

Schema = dict[str, Any]


class Arguments(Model):
    """Strict: a misspelt argument is told, not passed over."""

    model_config = ConfigDict(extra="forbid", strict=True)


A = TypeVar("A", bound=Arguments)


class ListNotebooks(Arguments):
    """What list_notebooks takes."""

    query: str = Field(
        default="",
        max_length=200,
        description="Words that id, title or description must all hold.",
    )
    folder: str = Field(
        default="", max_length=512, description="Only ids below it, such as reports/2026."
    )
    cursor: str = Field(
        default="", max_length=600, description="nextCursor of the page before; empty at first."
    )


class DescribeNotebook(Arguments):
    """What describe_notebook takes."""

    notebook: str = Field(max_length=512, description="The notebook's id, from list_notebooks.")


class RunNotebook(Arguments):
    """What run_notebook takes."""

    notebook: str = Field(max_length=512, description="The notebook's id, from list_notebooks.")
    parameters: dict[str, JsonValue] = Field(
        default_factory=dict, description="By describe_notebook's inputSchema."
    )
    fresh: bool = Field(
        default=False,
        description="Another run even where the same call was made a moment ago and goes on.",
    )


class OneExecution(Arguments):
    """What cancel_execution takes."""

    execution_id: str = Field(max_length=253, description="executionId of a run's result.")


class GetExecution(OneExecution):
    """What get_execution takes."""

    wait_seconds: float = Field(
        default=0, ge=0, le=240, description="Seconds to wait for its end, where it goes on."
    )


class GetArtifact(OneExecution):
    """What get_artifact takes."""

    name: str = Field(max_length=512, description="A name of the result's artifacts.")
    offset: int = Field(default=0, ge=0, description="Byte to begin at: nextOffset of the last.")
    limit: int = Field(default=CHUNK, ge=1, le=LARGEST_CHUNK, description="Bytes at most.")


def read(model: type[A], given: dict[str, Any]) -> A:
    """Return the arguments; raise Problem with a pointer to each wrong one."""
    try:
        return model.model_validate(given, extra=model.model_config.get("extra"))
    except ValidationError as error:
        shown = error.errors(include_url=False, include_context=False, include_input=False)
        found = wrong_values.violations(shown, model)
        raise Problem(
            422,
            "invalid-request",
            "The arguments do not fit the tool's input schema",
            wrong_values.listed(found),
            violations=found,
        ) from error


def demand_json(given: dict[str, Any]) -> None:
    """Raise Problem for NaN and infinities, which the protocol's library takes for numbers."""
    try:
        json.dumps(given, allow_nan=False)
    except ValueError as error:
        found = [Violation(where, f"{what} is not JSON") for where, what in _not_finite(given)]
        if not found:
            raise
        raise Problem(
            422,
            "invalid-request",
            "The arguments are not JSON",
            "; ".join(map(str, found)),
            violations=found,
        ) from error


def _not_finite(given: Any) -> Iterator[tuple[str, str]]:
    left = [("", given)]
    while left:
        pointer, value = left.pop()
        if isinstance(value, float) and not math.isfinite(value):
            yield pointer, "NaN" if math.isnan(value) else "Infinity"
        if isinstance(value, dict | list):
            members = value.items() if isinstance(value, dict) else enumerate(value)
            left += [(f"{pointer}{pointer_step(name)}", member) for name, member in members]


def schema(model: type[Arguments]) -> Schema:
    """Return the input schema, without what generators of titles add."""
    found = model.model_json_schema(by_alias=True)
    properties = {
        name: {key: value for key, value in member.items() if key != "title"}
        for name, member in found["properties"].items()
    }
    required = {"required": found["required"]} if "required" in found else {}
    return {
        "type": "object",
        "properties": properties,
        **required,
        "additionalProperties": False,
    }
