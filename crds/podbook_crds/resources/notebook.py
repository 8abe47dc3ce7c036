"""The Notebook resource: a catalog entry with its content, contract and runtime."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from podbook_crds import names
from podbook_crds.formats import digests
from podbook_crds.resources.durations import (
    ArtifactTtlSeconds,
    DeadlineSeconds,
    QueueTimeoutSeconds,
    RetryLimit,
    StartTimeoutSeconds,
    TtlSecondsAfterFinished,
)
from podbook_crds.resources.example import COUNT_LIMIT as EXAMPLES_LIMIT
from podbook_crds.resources.example import Example
from podbook_crds.resources.model import PATH_PATTERN, MicroTime, Model, identity
from podbook_crds.resources.overrides import Overrides
from podbook_crds.resources.quantities import Quantity
from podbook_crds.resources.report import Presented
from podbook_crds.resources.serving.answers import Cache
from podbook_crds.resources.serving.warm import Warm
from podbook_crds.resources.webhook import Webhook


def _as_object(value: Any) -> Any:
    """`true` and `false` are schemas, too: of anything, and of nothing."""
    return ({} if value else {"not": {}}) if isinstance(value, bool) else value


Schema = Annotated[dict[str, JsonValue], BeforeValidator(_as_object)]


class OutputValidation(StrEnum):
    """What a saved output that does not fit its contract means."""

    ENFORCE = "enforce"
    REPORT = "report"
    OFF = "off"


class InputValidation(StrEnum):
    """What a parameter means that changes nothing: that no cell has, or that one overwrites."""

    ENFORCE = "enforce"
    REPORT = "report"
    OFF = "off"


class Exposure(StrEnum):
    """What a notebook is to agents: a tool of its own, one of those found by search, or nothing."""

    TOOL = "tool"
    SEARCH = "search"
    OFF = "off"


class Source(Model):
    """Where the ipynb is: its JSON text, or a blob of the artifact store."""

    ipynb: str | None = Field(default=None, max_length=names.INLINE_NOTEBOOK_LIMIT)
    blob: str | None = Field(default=None, pattern=digests.PATTERN)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.ipynb is None) == (self.blob is None):
            raise ValueError("a source is either ipynb or blob")
        return self


class File(Model):
    """A file beside the notebook: its text, or a blob of the artifact store."""

    path: str = Field(
        max_length=1024, pattern=PATH_PATTERN, description="In the catalog, such as data/x.csv."
    )
    text: str | None = None
    blob: str | None = Field(default=None, pattern=digests.PATTERN)
    size: int | None = Field(default=None, ge=0, description="Bytes; known for blobs.")


class SharedModel(Model):
    """A model that contracts refer to as nbschema://alias."""

    import_path: str = Field(
        alias="import",
        pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$",
        description="Where the class is, such as models:SampleModel.",
    )
    json_schema: Schema = Field(alias="schema", description="Its JSON Schema.")


class EnvVar(Model):
    """A literal environment variable of the kernel."""

    name: str = Field(min_length=1)
    value: str = ""


class Resources(Model):
    """Requests and limits, as Kubernetes writes them: {"memory": "1Gi", "cpu": 1}."""

    requests: dict[str, Quantity] = Field(default_factory=dict)
    limits: dict[str, Quantity] = Field(default_factory=dict)


class Runtime(Model):
    """What the kernel runs in."""

    image: str | None = Field(
        default=None, description="Image of the kernel's container; else the operator's."
    )
    # None, not empty: what was pinned before there were any keeps its digest.
    environment: str | None = Field(
        default=None,
        max_length=128,
        description="The lock of what the notebook needs, sha256:…; an image stands for it.",
    )
    language: str = Field(
        default="python", description="Decides the kernel where nothing else does."
    )
    kernel: str | None = Field(default=None, description="Name of a kernelspec of the runtime.")
    command: list[str] | None = Field(
        default=None,
        description="The kernel's own argv; {connection_file} stands for the connection file.",
    )
    python_path: list[str] = Field(default_factory=list, description="Added to sys.path.")
    workdir: str = Field(
        default="notebook",
        pattern="^(notebook|catalog)$",
        description="Where cells run: the notebook's folder, or the catalog's root.",
    )
    resources: Resources = Resources()
    env: list[EnvVar] = Field(default_factory=list)
    env_from: list[str] = Field(default_factory=list, description="Names of Secrets.")
    image_pull_secrets: list[str] = Field(default_factory=list, description="Names of Secrets.")
    volumes: list[dict[str, Any]] = Field(
        default_factory=list,
        description="{name, mountPath, readOnly, and persistentVolumeClaim, configMap or secret}.",
    )
    service_account_name: str | None = None
    run_as_user: int | None = Field(default=None, ge=1, description="The uid of the whole pod.")
    shm_size: Quantity | None = Field(default=None, description="Of /dev/shm, such as 1Gi.")
    # None, not empty: what was pinned before there were any keeps its digest.
    pod_labels: dict[str, str] | None = Field(
        default=None, description="Put on its pods; none of podbook.dev or Kubernetes."
    )
    # None, not empty: what was pinned before there were any keeps its digest.
    pod_annotations: dict[str, str] | None = Field(
        default=None, description="Put on its pods; none of podbook.dev or Kubernetes."
    )
    runtime_class_name: str | None = None
    node_selector: dict[str, str] = Field(default_factory=dict)
    tolerations: list[dict[str, Any]] = Field(default_factory=list)
    read_only_root_filesystem: bool = Field(
        default=False, description="Whether the kernel may write in its own folders alone."
    )


class Defaults(Model):
    """What holds for an execution that does not say otherwise; durations in seconds."""

    deadline_seconds: DeadlineSeconds = 3600
    start_timeout_seconds: StartTimeoutSeconds = 300
    queue_timeout_seconds: QueueTimeoutSeconds = 86_400
    retry_limit: RetryLimit = 2
    idempotent: bool = Field(
        default=False, description="Whether cells may run again after an attempt was lost."
    )
    ttl_seconds_after_finished: TtlSecondsAfterFinished = 1_209_600
    artifact_ttl_seconds: ArtifactTtlSeconds = 604_800
    max_concurrent: int | None = Field(
        default=None, ge=1, description="How many of its executions may run at once."
    )


class NotebookSpec(Presented):
    """What the owner of the notebook wrote."""

    id: str | None = Field(
        default=None,
        max_length=512,
        pattern=PATH_PATTERN,
        description="What the REST API calls it: a path, such as sales/2026; else its name.",
    )
    path: str | None = Field(
        default=None,
        max_length=1024,
        pattern=PATH_PATTERN,
        description="Where the ipynb stands among the files, where that is not the id with .ipynb.",
    )
    source: Source
    files: list[File] = Field(default_factory=list, description="What its runs find beside it.")
    input: Schema | None = Field(default=None, description="JSON Schema of the parameters.")
    output: Schema | None = Field(default=None, description="JSON Schema of what it saves.")
    inferred: bool = Field(
        default=False,
        description="Whether the contract was only read from the notebook: it refuses no value.",
    )
    models: dict[str, SharedModel] = Field(
        default_factory=dict, description="What the schemas call nbschema://ALIAS, by the alias."
    )
    output_validation: OutputValidation = OutputValidation.ENFORCE
    runtime: Runtime = Runtime()
    overrides: Overrides | None = Field(
        default=None, description="What a call may change of the runtime; else nothing."
    )
    defaults: Defaults = Defaults()
    warm: Warm | None = Field(default=None, description="Pods that are made before a call.")
    cache: Cache | None = Field(default=None, description="When an answer is given again.")
    input_validation: InputValidation | None = Field(
        default=None,
        description="What a parameter without effect means; else it is refused where that is sure.",
    )
    mcp: Exposure | None = Field(
        default=None, description="What it is to agents; else a tool as long as there are few."
    )
    webhook: Webhook | None = Field(
        default=None, description="For runs over the API that name none of their own."
    )
    examples: list[Example] = Field(
        default_factory=list,
        max_length=EXAMPLES_LIMIT,
        description="Calls that are shown to people, and run as tests.",
    )
    problem: str | None = Field(
        default=None,
        description="What is broken about it; new calls are refused with this sentence.",
    )


class Condition(Model):
    """A Kubernetes condition."""

    type: str
    status: str
    reason: str
    message: str = ""
    last_transition_time: MicroTime | None = None
    observed_generation: int | None = None


class Version(Model):
    """What the operator needs of one version of a notebook, after the notebook has moved on."""

    digest: str
    runtime: Runtime = Runtime()
    overrides: Overrides | None = None
    defaults: Defaults = Defaults()

    @classmethod
    def of(cls, digest: str, spec: NotebookSpec) -> Self:
        """Return the version that a catalog entry is now."""
        return cls(
            digest=digest, runtime=spec.runtime, overrides=spec.overrides, defaults=spec.defaults
        )


class NotebookStatus(Model):
    """What the operator found out about the notebook."""

    digest: str | None = Field(default=None, description="Of what a run now would be made of.")
    # The current version first, then those that unfinished executions are pinned to.
    versions: list[Version] = Field(default_factory=list)
    observed_generation: int | None = None
    conditions: list[Condition] = Field(default_factory=list)


class Notebook(Model):
    """One Notebook as it stands in the cluster."""

    namespace: str
    name: str
    uid: str
    created: str = ""
    generation: int = 1
    resource_version: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    spec: NotebookSpec
    status: NotebookStatus = NotebookStatus()

    @property
    def id(self) -> str:
        """What the REST API calls it."""
        return self.spec.id or self.name

    @classmethod
    def from_resource(cls, resource: dict[str, Any]) -> Self:
        """Read a notebook from the object that Kubernetes stores."""
        return cls(
            **identity(resource["metadata"]),
            labels=resource["metadata"].get("labels") or {},
            annotations=resource["metadata"].get("annotations") or {},
            spec=resource["spec"],
            status=resource.get("status") or {},
        )
