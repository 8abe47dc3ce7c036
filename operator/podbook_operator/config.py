"""What the people who run the operator may change while it runs: a YAML or JSON file."""

from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, model_validator

from podbook_crds.call_rules.limits import Limits
from podbook_crds.formats.reread_files import RereadFile
from podbook_crds.resources import quantities
from podbook_crds.resources.model import Model
from podbook_crds.resources.notebook import Resources
from podbook_crds.resources.quantities import Quantity
from podbook_operator.pod import labels


class SlotLimits(Model):
    """How many kernels may run at once; None is no limit."""

    total: int | None = Field(default=100, ge=0)
    per_namespace: int | None = Field(default=None, ge=0)
    per_notebook: int | None = Field(default=None, ge=0)


def _memory(value: str) -> str:
    quantities.parse(value)
    return value


Memory = Annotated[Quantity, AfterValidator(_memory)]


class Kernel(Model):
    """How a kernel that a runtime names is started."""

    command: list[str] = Field(min_length=1)
    language: str = "python"


class WebhookConfig(Model):
    """How webhooks are delivered."""

    # For how long a delivery is tried, counted from the end of the execution.
    window_seconds: float = Field(default=86_400, ge=0)
    timeout_seconds: float = Field(default=10, gt=0)
    # What the second try waits; three times as long before each further one, at most the second.
    retry_backoff_seconds: float = Field(default=5, gt=0)
    retry_backoff_limit_seconds: float = Field(default=21_600, gt=0)
    # Whether receivers may have private, loopback and link-local addresses.
    allow_private_addresses: bool = False
    # What stands before /v1/executions in payloads of executions that were not made over the API.
    api_url: str = ""


class WarmLimits(Model):
    """How many pods may wait for calls, of all notebooks together; 0 makes none."""

    total: int = Field(default=20, ge=0)
    # What they may ask for together, such as 8Gi; None is no limit.
    memory: Memory | None = None


# What a release may say of every run pod; all else is Podbook's, the notebook's, or a way out.
_POD_FIELDS: Final = frozenset(
    {
        "affinity",
        "dnsConfig",
        "dnsPolicy",
        "hostAliases",
        "hostUsers",
        "nodeSelector",
        "priorityClassName",
        "runtimeClassName",
        "schedulerName",
        "tolerations",
        "topologySpreadConstraints",
    }
)


class OperatorConfig(Model):
    """The content of the file; every part has a default."""

    slots: SlotLimits = SlotLimits()
    limits: Limits = Limits()
    kernels: dict[str, Kernel] = Field(default_factory=dict)
    # The images that hold what notebooks say they need, by the locks of that.
    environments: dict[str, str] = Field(default_factory=dict)
    webhooks: WebhookConfig = WebhookConfig()
    warm: WarmLimits = WarmLimits()
    # How long a pod that has ended stays for `kubectl logs`.
    pod_retention_seconds: float = Field(default=60, ge=0)
    # What an unclaimed attempt waits before it is repeated: doubled each time, at most the second.
    retry_backoff_seconds: float = Field(default=2, ge=0)
    retry_backoff_limit_seconds: float = Field(default=300, ge=0)
    # How long a pod may wait for a node before it gives its slot back to others that wait for one.
    unscheduled_seconds: float = Field(default=900, gt=0)
    # How long a pod may be terminating beyond its grace before its node counts as lost.
    node_lost_timeout_seconds: float = Field(default=60, ge=0)
    # What the runner has to save and upload after a SIGTERM.
    termination_grace_seconds: int = Field(default=30, ge=1)
    # Added to the pod's own deadline, which is a backstop only: time to upload what a run left.
    upload_seconds: int = Field(default=300, ge=0)
    # After three pods in a row that could not reach the intake.
    pause_seconds: float = Field(default=30, ge=0)
    resync_seconds: float = Field(default=300, gt=0)
    sweep_seconds: float = Field(default=600, gt=0)
    # After which a queue or a watch that makes no progress turns the liveness probe red.
    stall_seconds: float = Field(default=90, gt=0)
    image_pull_policy: str | None = None
    # Put on every run pod, below what its notebook says and what Podbook itself says.
    pod_labels: dict[str, str] = Field(default_factory=dict)
    pod_annotations: dict[str, str] = Field(default_factory=dict)
    # Fields of every run pod, as in a pod's spec; what a notebook says stands before it.
    pod_template: dict[str, Any] = Field(default_factory=dict)
    # Leave uids out where no notebook names one: OpenShift takes them from the namespace's range.
    namespace_uids: bool = False
    runner_resources: Resources = Resources(
        requests={"cpu": "50m", "memory": "128Mi"}, limits={"memory": "1Gi"}
    )
    # Where a runtime says nothing.
    kernel_resources: Resources = Resources(requests={"cpu": "100m", "memory": "256Mi"})

    @model_validator(mode="after")
    def _may_be_given(self) -> Self:
        if wrong := labels.problem(self.pod_labels, self.pod_annotations):
            raise ValueError(wrong)
        if others := sorted(set(self.pod_template) - _POD_FIELDS):
            listed = ", ".join(sorted(_POD_FIELDS))
            raise ValueError(
                f"podTemplate: {others[0][:80]!r} is not to be set; there are: {listed}"
            )
        return self


class ConfigFile(RereadFile[OperatorConfig]):
    """The file as it stands now; a broken edit keeps what held before."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path, OperatorConfig)
