"""What the author of a notebook lets its callers change of its runtime; nothing else may be."""

from pydantic import Field

from podbook_crds.resources.model import Model
from podbook_crds.resources.quantities import Quantity


class Overrides(Model):
    """What one execution may override; what is not listed, no call may touch."""

    env: list[str] = Field(
        default_factory=list,
        max_length=64,
        description="Names of environment variables that a call may set.",
    )
    resources: dict[str, Quantity] = Field(
        default_factory=dict,
        description="The most that a call may ask of each resource: {memory: 8Gi, cpu: 4}.",
    )
    kernel: list[str] = Field(
        default_factory=list,
        max_length=64,
        description="Names of kernels that a call may choose from.",
    )
