"""The base of every contract type: immutable, camelCase on the wire."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

from podbook_crds.formats.control_characters import CONTROL

# A relative path that a file could have: parts between slashes, of which none is empty, `.` or
# `..`, and no control characters. Go's expressions cannot look ahead: hence the three beginnings.
_INSIDE = rf"[^/{CONTROL}]"
_BEGINNING = rf"([^./{CONTROL}]|\.[^./{CONTROL}]|\.\.[^/{CONTROL}])"
PATH_PATTERN: Final = f"^{_BEGINNING}{_INSIDE}*(/{_BEGINNING}{_INSIDE}*)*$"


class Model(BaseModel):
    """The base of every contract type."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form, camelCase, without what was not set and without nulls."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def micro_time(moment: datetime) -> str:
    """Return Kubernetes' MicroTime form: UTC, six digits, a Z."""
    # Not strftime: where a year has less than four digits it writes less, which sorts elsewhere.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


MicroTime = Annotated[datetime, PlainSerializer(micro_time, return_type=str, when_used="json")]


def identity(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return what every stored object's metadata says of it, by the names of our fields."""
    return {
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "created": metadata.get("creationTimestamp", ""),
        "generation": metadata.get("generation", 1),
        "resource_version": metadata.get("resourceVersion", ""),
    }
