"""What a push leaves on a Notebook beside its spec: who manages it, and its versions.

Both are written in the same request as the spec, so that none of them is ever without the others.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from pydantic import Field, ValidationError

from podbook_crds import names
from podbook_crds.resources.model import Model, micro_time

# Far above what anybody goes back; an object's annotations hold 256 KiB in all.
KEPT_LIMIT: Final = 100
_WORD: Final = 512


class ManagedBy(StrEnum):
    """By whom a notebook is brought up to date."""

    PUSH = "push"
    GIT = "git"
    UP = "up"
    KUBECTL = "kubectl"


class Verdict(StrEnum):
    """Whether the callers of a contract break by a change of it."""

    SAME = "same"
    COMPATIBLE = "compatible"
    BREAKING = "breaking"


class Origin(Model):
    """Where a version comes from, as whoever pushed it says."""

    repository: str | None = Field(default=None, max_length=_WORD)
    ref: str | None = Field(default=None, max_length=_WORD)
    commit: str | None = Field(default=None, max_length=_WORD)
    path: str | None = Field(default=None, max_length=_WORD)
    dirty: bool | None = Field(
        default=None, description="Whether files differed from the commit when it was pushed."
    )


class PushedVersion(Model):
    """One version of a notebook."""

    number: int = Field(ge=1)
    digest: str
    pushed_at: datetime
    pushed_by: str = ""
    source: Origin | None = None
    verdict: Verdict | None = None
    rollback_of: int | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form, with the time as Kubernetes writes times."""
        return {**super().to_wire(), "pushedAt": micro_time(self.pushed_at)}


class History(Model):
    """The versions of a notebook, the newest first, and for how long they are kept."""

    keep: int = Field(default=10, ge=1, le=KEPT_LIMIT)
    days: int = Field(default=90, ge=1)
    items: list[PushedVersion] = Field(default_factory=list)

    @classmethod
    def read(cls, annotations: Mapping[str, str]) -> Self:
        """Return what stands on a Notebook; nothing where none can be read."""
        return cls.parse(annotations.get(names.VERSIONS_ANNOTATION, ""))

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Return what `text` wrote; nothing where it cannot be read."""
        try:
            return cls.model_validate_json(text or "{}")
        except ValidationError:
            return cls()

    def text(self) -> str:
        """Return the form that `parse` reads."""
        wire = {"keep": self.keep, "days": self.days, "items": [v.to_wire() for v in self.items]}
        return json.dumps(wire, separators=(",", ":"))

    def followed_by(self, version: PushedVersion) -> Self:
        """Return the history with one more version, as many of them as are kept."""
        items = [version, *self.items][: self.keep]
        return self.model_copy(update={"items": items})

    @property
    def next_number(self) -> int:
        """The number of a version to come: none is given twice."""
        return max((version.number for version in self.items), default=0) + 1

    def living(self, now: datetime) -> list[PushedVersion]:
        """Return the versions that one can go back to: the current one, and those young enough."""
        oldest = now - timedelta(days=self.days)
        return [v for i, v in enumerate(self.items) if i == 0 or v.pushed_at >= oldest]


def managed_by(labels: Mapping[str, str], annotations: Mapping[str, str]) -> ManagedBy:
    """Return by whom a Notebook with these labels and annotations is brought up to date."""
    if names.FOLDER_LABEL in labels:
        return ManagedBy.UP
    told = annotations.get(names.MANAGED_BY_ANNOTATION)
    return ManagedBy(told) if told in (ManagedBy.PUSH, ManagedBy.GIT) else ManagedBy.KUBECTL
