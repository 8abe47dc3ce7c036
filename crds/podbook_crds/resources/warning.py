"""What is worth knowing of a run that changed nothing about how it ended."""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from pydantic import Field, ValidationError

from podbook_crds import names
from podbook_crds.resources.model import Model

PREFIX: Final = "urn:podbook:warning:"

# What a status lists: so many, and so many characters each.
WARNINGS_LIMIT: Final = 20
DETAIL_LIMIT: Final = 400


class Kind(StrEnum):
    """What the warnings are about; clients may match on these, and meet ones they do not know."""

    UNKNOWN_PARAMETER = "unknown-parameter"
    PARAMETER_OVERWRITTEN = "parameter-overwritten"
    ARTIFACTS_LOST = "artifacts-lost"
    OUTPUT_CLIPPED = "output-clipped"
    OUTPUT_UNREADABLE = "output-unreadable"
    OUTPUT_INVALID = "output-invalid"
    SCRAP_UNREADABLE = "scrap-unreadable"
    CELLS_SKIPPED = "cells-skipped"


class RunWarning(Model):
    """One thing that a person would want to know."""

    # No enum: a part that is older than the one that wrote it must read it all the same.
    type: str = Field(description=f"{PREFIX} and one of {', '.join(Kind)}; the list may grow.")
    pointer: str | None = Field(
        default=None, description="JSON pointer to what it is about, such as /parameters/epoch."
    )
    detail: str = Field(default="", description="One sentence for people.")
    suggestion: str | None = Field(default=None, description="What was probably meant.")
    cell: int | None = Field(default=None, description="Index of the cell in the notebook, from 0.")


def warn(
    kind: Kind,
    detail: str,
    *,
    pointer: str | None = None,
    suggestion: str | None = None,
    cell: int | None = None,
) -> RunWarning:
    """Return a warning of a kind."""
    return RunWarning(
        type=f"{PREFIX}{kind}", pointer=pointer, detail=detail, suggestion=suggestion, cell=cell
    )


def noted(warnings: list[RunWarning]) -> dict[str, str]:
    """Return the annotation of an execution that keeps them until it has ended."""
    if not warnings:
        return {}
    return {names.WARNINGS_ANNOTATION: json.dumps([each.to_wire() for each in warnings])}


def of_call(annotations: Mapping[str, str]) -> list[RunWarning]:
    """Return what was known when the execution was made; nothing where somebody else wrote it."""
    try:
        found = json.loads(annotations.get(names.WARNINGS_ANNOTATION, "[]"))
        return bounded(RunWarning.model_validate(each) for each in found[:WARNINGS_LIMIT])
    except (ValueError, RecursionError, TypeError, KeyError, ValidationError):
        return []


def of_run(
    annotations: Mapping[str, str], told: list[RunWarning], *, is_final: bool
) -> list[RunWarning]:
    """Return what is known of a run: an end repeats what was known of the call.

    Unless a part wrote it that knows no warnings: one of an older release.
    """
    return told if is_final and told else [*of_call(annotations), *told]


def bounded(warnings: Iterable[RunWarning]) -> list[RunWarning]:
    """Return the first ones, each but once, as many and as long as a status has room for."""
    found = dict.fromkeys(warnings)
    return [_cut(warning) for warning in list(found)[:WARNINGS_LIMIT]]


def _cut(warning: RunWarning) -> RunWarning:
    texts = {
        name: f"{text[: DETAIL_LIMIT - 1]}…"
        for name, text in warning
        if isinstance(text, str) and len(text) > DETAIL_LIMIT
    }
    return warning.model_copy(update=texts) if texts else warning
