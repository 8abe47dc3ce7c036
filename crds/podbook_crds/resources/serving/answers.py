"""Whether the answer of a run is given again, to whom, and for how long."""

from enum import StrEnum

from pydantic import Field

from podbook_crds import names
from podbook_crds.resources.model import Model


class Scope(StrEnum):
    """Whose answers: the caller's own, or those of everybody whose runs the caller may read."""

    CALLER = "caller"
    SHARED = "shared"


class Cache(Model):
    """The same call meets the run that goes on, or is given its answer while that is young."""

    max_age_seconds: int = Field(
        default=600,
        ge=0,
        le=names.DURATION_LIMIT,
        description="For so long the answer of a run that succeeded is given again.",
    )
    failure_max_age_seconds: int = Field(
        default=0,
        ge=0,
        le=names.DURATION_LIMIT,
        description="For so long that of a run whose notebook raised, or saved what does not fit.",
    )
    scope: Scope = Field(default=Scope.CALLER, description="Whose runs answer a call.")
