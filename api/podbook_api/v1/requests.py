"""What a caller may send to /v1."""

from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, StrictInt, model_validator

from podbook_api.submit.again.reruns import RerunVersion
from podbook_api.submit.webhooks import WebhookRequest
from podbook_crds.formats import digests
from podbook_crds.names import CATALOG_NAME_PATTERN, DURATION_LIMIT
from podbook_crds.resources.durations import (
    DeadlineSeconds,
    QueueTimeoutSeconds,
    RetryLimit,
    StartTimeoutSeconds,
    TtlSecondsAfterFinished,
)
from podbook_crds.resources.execution import RuntimeOverride
from podbook_crds.resources.model import Model
from podbook_crds.resources.notebook import InputValidation, OutputValidation
from podbook_crds.resources.pushed import KEPT_LIMIT, Origin, Verdict


class Options(Model):
    """What one execution may say beside its parameters; durations in seconds."""

    # JSON types are meant as written: "60" is no number, and a misspelt name is no option.
    model_config = ConfigDict(extra="forbid", strict=True)

    deadline_seconds: DeadlineSeconds | None = None
    start_timeout_seconds: StartTimeoutSeconds | None = None
    queue_timeout_seconds: QueueTimeoutSeconds | None = None
    retry_limit: RetryLimit | None = None
    idempotent: bool | None = Field(
        default=None, description="Whether cells may run again after an attempt was lost."
    )
    ttl_seconds_after_finished: TtlSecondsAfterFinished | None = None
    output_validation: OutputValidation | None = Field(default=None, strict=False)
    input_validation: InputValidation | None = Field(
        default=None,
        strict=False,
        description="What a parameter without effect means: 422, a warning, or nothing.",
    )
    runtime: RuntimeOverride | None = None
    webhook: WebhookRequest | None = None


class RunRequest(Options):
    """Body of a POST to a notebook's executions."""

    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    digest: str | None = Field(
        default=None,
        pattern=digests.PATTERN,
        description="The run happens only if the notebook is still this one.",
    )
    max_age_seconds: int | None = Field(
        default=None,
        ge=0,
        le=DURATION_LIMIT,
        description="The answer of a run that ended so long ago may be given; else the notebook's.",
    )


class RerunRequest(Model):
    """Body of a POST to an execution's rerun; {} runs it as it was asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    parameters: dict[str, JsonValue] = Field(
        default_factory=dict, description="In the places of the former ones; the others stay."
    )
    without: list[str] = Field(
        default_factory=list, max_length=256, description="Former parameters to leave out."
    )
    version: RerunVersion = Field(
        default=RerunVersion.CURRENT,
        strict=False,
        description="current: the notebook as it is now; same: the content that ran before.",
    )


class TicketRequest(Model):
    """Body of a POST to an execution's tickets."""

    model_config = ConfigDict(extra="forbid", strict=True)

    artifact: str = Field(min_length=1, description="The name of the artifact to be opened.")


class KeptVersions(Model):
    """For how long one can go back."""

    model_config = ConfigDict(extra="forbid", strict=True)

    keep: int = Field(default=10, ge=1, le=KEPT_LIMIT, description="So many versions.")
    days: int = Field(default=90, ge=1, le=3650, description="Not older than that.")


class PushRequest(Model):
    """Body of a PUT of a notebook: its spec, or the version to go back to."""

    model_config = ConfigDict(extra="forbid", strict=True)

    catalog: str = Field(
        pattern=CATALOG_NAME_PATTERN, description="The catalog that the notebook belongs to."
    )
    spec: dict[str, JsonValue] | None = Field(
        default=None, description="Of the Notebook resource; files and source name blobs."
    )
    rollback_to: StrictInt | str | None = Field(
        default=None, description="Instead of spec: a version, by its number or digest."
    )
    managed_by: Literal["push", "git"] = "push"
    source: Origin | None = Field(default=None, strict=False)
    verdict: Verdict | None = Field(default=None, strict=False)
    versions: KeptVersions | None = None
    take_over: bool = Field(
        default=False, description="Whether another catalog may lose the notebook."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.spec is None) == (self.rollback_to is None):
            raise ValueError("a push has either spec or rollbackTo")
        return self


class InlineRequest(Options):
    """Body of a POST to /v1/executions: a notebook that is in no catalog."""

    ipynb: str | dict[str, JsonValue] = Field(
        description="The notebook as JSON text, or as the object itself."
    )
    parameters: dict[str, JsonValue] = Field(default_factory=dict)


def options_of(request: Options) -> dict[str, Any]:
    """Return the fields that belong into the execution's spec."""
    # The webhook's secret has no place in a spec.
    names = set(Options.model_fields) - {"webhook"}
    return request.model_dump(mode="json", by_alias=True, exclude_none=True, include=names)
