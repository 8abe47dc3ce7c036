"""How a notebook stands before people: what it is called, and its results as a page."""

from pydantic import Field

from podbook_crds import names
from podbook_crds.resources.model import Model


class Report(Model):
    """What holds for the pages below /reports; durations in seconds."""

    max_age_seconds: int | None = Field(
        default=None,
        ge=1,
        le=names.DURATION_LIMIT,
        description="A result that is older is computed again when somebody looks at it.",
    )
    failure_max_age_seconds: int = Field(
        default=300,
        ge=1,
        le=names.DURATION_LIMIT,
        description="For so long a run that failed is not tried again by itself.",
    )
    keep_latest: bool = Field(
        default=True,
        description="Whether the newest result for each set of parameters outlives its time.",
    )
    hide_code: bool = Field(default=True, description="Whether the page leaves the code out.")


class Presented(Model):
    """What people are told of a notebook: it changes nothing about a run, and so no digest."""

    title: str | None = Field(
        default=None, max_length=200, description="What people call it; else its first heading."
    )
    description: str | None = Field(
        default=None, max_length=2000, description="What it is for; else its first sentence."
    )
    authors: list[str] | None = Field(default=None, max_length=50, description="Who wrote it.")
    tags: list[str] | None = Field(
        default=None, max_length=50, description="What lists are narrowed down by."
    )
    report: Report | None = Field(default=None, description="How its results stand on a page.")
