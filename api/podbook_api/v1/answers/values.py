"""The plain values that answers are made of."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema
from typing_extensions import TypeAliasType

from podbook_crds.resources.model import micro_time

Count = Annotated[int, Field(ge=0)]
# As text, the way Kubernetes writes it: six digits and a Z.
Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]

JsonSchema = TypeAliasType(
    "JsonSchema",
    Annotated[dict[str, Any], Field(description="A JSON Schema, as its author wrote it.")],
)
Parameters = TypeAliasType(
    "Parameters", Annotated[dict[str, Any], Field(description="Values by their names.")]
)


def time_of(moment: datetime | None) -> str | None:
    """Return the moment as answers show it."""
    return None if moment is None else micro_time(moment)
