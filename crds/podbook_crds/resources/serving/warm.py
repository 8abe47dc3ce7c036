"""Pods that are made before anybody calls: how many a notebook has, and what they have done."""

from enum import StrEnum
from typing import Final, Self

from pydantic import Field, model_validator

from podbook_crds.resources.model import Model

# A day: what a Secret or an image says now reaches every pod within that time.
_AGE_LIMIT: Final = 86_400
# Of one notebook.
WAITING_LIMIT: Final = 100


class WarmLevel(StrEnum):
    """What is done before a call: the kernel started, imports done, or cells run."""

    KERNEL = "kernel"
    IMPORTS = "imports"
    CELLS = "cells"


class Warm(Model):
    """How many idle pods are kept: as many as runs began in the last minute, within bounds."""

    min: int = Field(default=0, ge=0, le=WAITING_LIMIT, description="Kept while nobody calls, too.")
    max: int = Field(default=4, ge=1, le=WAITING_LIMIT)
    level: WarmLevel = Field(
        default=WarmLevel.IMPORTS,
        description="imports: what is imported above the cell tagged parameters; all cells run in"
        " the call. cells: those above it run before, without a caller, and more than once.",
    )
    max_age_seconds: int = Field(
        default=3600, ge=60, le=_AGE_LIMIT, description="After which an idle pod is made anew."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max:
            raise ValueError("warm.min may not be above warm.max")
        return self
