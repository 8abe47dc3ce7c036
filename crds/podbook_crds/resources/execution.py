"""The NotebookExecution resource: what was asked for and how far it got."""

from functools import lru_cache
from typing import Any, Self

from pydantic import Field, JsonValue, model_validator

from podbook_crds import names
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import InvalidParameters, Violation
from podbook_crds.formats import digests, media_types, strict_json
from podbook_crds.resources.durations import (
    DeadlineSeconds,
    QueueTimeoutSeconds,
    RetryLimit,
    StartTimeoutSeconds,
    TtlSecondsAfterFinished,
)
from podbook_crds.resources.model import PATH_PATTERN, MicroTime, Model, identity
from podbook_crds.resources.notebook import (
    Condition,
    EnvVar,
    InputValidation,
    OutputValidation,
    Resources,
)
from podbook_crds.resources.warning import WARNINGS_LIMIT, RunWarning, of_run
from podbook_crds.resources.webhook import Delivery, Webhook


class NotebookRef(Model):
    """Which notebook: one of the catalog, its JSON text, or a blob of the artifact store."""

    name: str | None = Field(
        default=None,
        max_length=512,
        pattern=PATH_PATTERN,
        description="Name of a Notebook of the namespace, or its id.",
    )
    digest: str | None = Field(
        default=None,
        pattern=digests.PATTERN,
        description="Of the content to run; the API sets it, else it is what the notebook has.",
    )
    ipynb: str | None = Field(
        default=None,
        max_length=names.INLINE_NOTEBOOK_LIMIT,
        description="The JSON text of a notebook that is in no catalog.",
    )
    blob: str | None = Field(
        default=None,
        pattern=digests.PATTERN,
        description="The same, as a blob of the artifact store.",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if [self.name, self.ipynb, self.blob].count(None) != 2:  # noqa: PLR2004  (one of three)
            raise ValueError("notebook holds exactly one of name, ipynb and blob")
        return self


class RuntimeOverride(Model):
    """What one execution may override of its notebook's runtime."""

    resources: Resources | None = None
    env: list[EnvVar] = Field(default_factory=list)
    kernel: str | None = Field(default=None, description="Name of a kernel of the runtime.")


class ExecutionSpec(Model):
    """What the caller asked for; all but `cancel` and how long it is kept never changes.

    What is not set is as the notebook's defaults have it.
    """

    notebook: NotebookRef
    parameters: dict[str, JsonValue] = Field(
        default_factory=dict, description="Values by their names, which are identifiers."
    )
    parameters_text: str | None = Field(
        default=None,
        max_length=names.PARAMETERS_LIMIT,
        description="JSON text instead of parameters, for values that the API server would change.",
    )
    deadline_seconds: DeadlineSeconds | None = None
    start_timeout_seconds: StartTimeoutSeconds | None = None
    queue_timeout_seconds: QueueTimeoutSeconds | None = None
    retry_limit: RetryLimit | None = None
    idempotent: bool | None = Field(
        default=None, description="Whether cells may run again after an attempt was lost."
    )
    ttl_seconds_after_finished: TtlSecondsAfterFinished | None = None
    output_validation: OutputValidation | None = None
    input_validation: InputValidation | None = None
    runtime: RuntimeOverride = RuntimeOverride()
    cancel: bool = Field(default=False, description="Ends it; once true, it stays so.")
    keep: bool = Field(
        default=False,
        description="Keeps it and its artifacts until this is false or it is deleted.",
    )
    webhook: Webhook | None = None


class Artifact(Model):
    """A file that an execution left in the artifact store."""

    name: str
    media_type: str = media_types.BYTES
    size: int = Field(ge=0, description="Bytes.")
    digest: str


class ExceptionInfo(Model):
    """What a cell raised; the whole traceback is the artifact exception.txt."""

    name: str
    value: str = ""
    cell: int | None = Field(default=None, description="Index of the cell in the notebook, from 0.")
    traceback: str = ""


class Attempt(Model):
    """One pod that was made for the execution."""

    number: int = Field(ge=1)
    pod: str | None = Field(default=None, description="The pod's name.")
    pod_uid: str | None = Field(default=None, alias="podUID")
    warm: bool | None = Field(
        default=None, description="Whether the pod was there before the execution."
    )
    created_at: MicroTime | None = None
    claimed_at: MicroTime | None = None
    started_at: MicroTime | None = None
    finished_at: MicroTime | None = None
    reason: Reason | None = None
    message: str = ""


def kept_attempts(attempts: list[Attempt]) -> list[Attempt]:
    """Return what a status has room for: the last ones, and always one that was claimed.

    Without it a run that took place would read as one that did not.
    """
    room = names.ATTEMPTS_LIMIT
    last = attempts[-room:]
    claimed = [attempt for attempt in attempts[:-room] if attempt.claimed_at]
    if not claimed or any(attempt.claimed_at for attempt in last):
        return last
    return [claimed[-1], *last[1:]]


class Cells(Model):
    """How many code cells the notebook has, and how many have run."""

    total: int = 0
    completed: int = 0


class ExecutionStatus(Model):
    """How far the execution got; written by the operator and, claim and result, by the intake."""

    phase: Phase = Phase.QUEUED
    reason: Reason | None = None
    message: str = Field(default="", description="The reason as a sentence for people.")
    conditions: list[Condition] = Field(
        default_factory=list,
        description="Finished, with Complete or Failed, as soon as the phase is final.",
    )
    observed_generation: int | None = None
    # Nulls are left out on write.
    output: JsonValue = Field(
        default=None, description="What the notebook saved, any JSON value, if it is small."
    )
    has_output: bool | None = Field(
        default=None, description="Tells a null that was saved from nothing saved."
    )
    output_ref: Artifact | None = Field(
        default=None, description="Where the output is that has no place here."
    )
    violations: list[Violation] = Field(
        default_factory=list,
        max_length=names.VIOLATIONS_LIMIT,
        description="Where the output does not fit its contract, failed for it or not; the first.",
    )
    warnings: list[RunWarning] = Field(
        default_factory=list,
        max_length=WARNINGS_LIMIT,
        description="What is worth knowing of a run though it changed nothing about its end.",
    )
    artifacts: list[Artifact] = Field(default_factory=list)
    exception: ExceptionInfo | None = None
    notebook_digest: str | None = Field(default=None, description="Of the content that was run.")
    attempts: list[Attempt] = Field(
        default_factory=list, description="The pods that were made for it, the last ones."
    )
    started_at: MicroTime | None = Field(default=None, description="When its cells began.")
    finished_at: MicroTime | None = None
    cells: Cells | None = None
    # Only where spec.webhook is set and a delivery was tried.
    webhook: Delivery | None = None

    @property
    def was_claimed(self) -> bool:
        """Whether user code may ever have run: a claim is written before the first cell."""
        return any(attempt.claimed_at for attempt in self.attempts)

    @property
    def last_claimed(self) -> int:
        """The number of the last attempt that ran or runs; 0 where none did."""
        return max((a.number for a in self.attempts if a.claimed_at is not None), default=0)

    @property
    def next_attempt(self) -> int:
        """The number of the attempt that would come after those there are."""
        return self.attempts[-1].number + 1 if self.attempts else 1

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form; a saved null output stays, other nulls are left out.

        What is inside an output is never touched: its own nulls are values. One that stands
        elsewhere is left out: a null here would be a lie.
        """
        wire = self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"output"})
        if self.output is not None or (self.has_output and self.output_ref is None):
            wire["output"] = self.output
        return wire


class Execution(Model):
    """One NotebookExecution as it stands in the cluster."""

    namespace: str
    name: str
    uid: str
    created: str = ""
    generation: int = 1
    resource_version: str = ""
    deleted: bool = False
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    spec: ExecutionSpec
    status: ExecutionStatus = ExecutionStatus()

    @classmethod
    def from_resource(cls, resource: dict[str, Any]) -> Self:
        """Read an execution from the object that Kubernetes stores."""
        metadata = resource["metadata"]
        return cls(
            **identity(metadata),
            deleted="deletionTimestamp" in metadata,
            labels=metadata.get("labels") or {},
            annotations=metadata.get("annotations") or {},
            spec=resource["spec"],
            status=resource.get("status") or {},
        )

    @property
    def given_parameters(self) -> dict[str, Any]:
        """The parameters as they were sent, in whichever of the two fields they stand.

        Raises InvalidParameters for a text that a POST would not take either.
        """
        text = self.spec.parameters_text
        return dict(self.spec.parameters) if text is None else dict(_parameters(text))

    @property
    def warnings(self) -> list[RunWarning]:
        """What is worth knowing of it, from its call and from its run."""
        is_final = self.status.phase.is_final
        return of_run(self.annotations, self.status.warnings, is_final=is_final)

    def pod_of(self, attempt: Attempt) -> str:
        """Return the name of an attempt's pod; one that had waited for a call keeps its own."""
        return attempt.pod or names.pod_name(self.uid, attempt.number)

    @property
    def next_pod(self) -> str:
        """The name of the pod that would be made for the next attempt."""
        return names.pod_name(self.uid, self.status.next_attempt)

    @property
    def notebook_id(self) -> str | None:
        """The id of the notebook it was made of; None where that came with the request."""
        return self.annotations.get(names.NOTEBOOK_ID_ANNOTATION) or self.spec.notebook.name


@lru_cache(maxsize=16)
def _parameters(text: str) -> dict[str, Any]:
    """Read a text once: it is looked at whenever something changes, and may be long."""
    why = ""
    try:
        parsed = strict_json.parse(text)
    except strict_json.NotJson as error:
        parsed, why = None, f": {error}"
    if not isinstance(parsed, dict):
        said = f"is not the JSON text of an object{why}"
        raise InvalidParameters([Violation("/parametersText", said)])
    return parsed
