"""The most that an execution may ask for here: one answer, of the API and of the operator."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from pydantic import Field, model_validator

from podbook_crds.call_rules.terms import Held
from podbook_crds.errors import LimitExceeded, Violation
from podbook_crds.formats.json_pointers import escaped
from podbook_crds.resources import quantities
from podbook_crds.resources.execution import ExecutionSpec, NotebookRef
from podbook_crds.resources.model import Model
from podbook_crds.resources.notebook import Defaults, Resources, Runtime
from podbook_crds.resources.quantities import Quantity

# Where the people who run Podbook write them; the file of PODBOOK_OPERATOR_CONFIG has them.
WRITTEN_IN: Final = "operator.config.limits"
_USUAL: Final = Defaults()
# Whichever notebook a call is of, its bounds are the same.
_ANY: Final = NotebookRef(name="any")
# Of what holds, and of the limits -> what people write.
_NUMBERS: Final = {
    "deadline_seconds": "deadlineSeconds",
    "start_timeout_seconds": "startTimeoutSeconds",
    "queue_timeout_seconds": "queueTimeoutSeconds",
    "retry_limit": "retryLimit",
    "ttl_seconds": "ttlSecondsAfterFinished",
}


class Limits(Model):
    """The most that an execution may ask for; None is no limit.

    None may be below what holds where nobody asks for anything: it would let nothing run.
    """

    deadline_seconds: int | None = Field(default=None, ge=_USUAL.deadline_seconds)
    start_timeout_seconds: int | None = Field(default=None, ge=_USUAL.start_timeout_seconds)
    queue_timeout_seconds: int | None = Field(default=None, ge=_USUAL.queue_timeout_seconds)
    retry_limit: int | None = Field(default=None, ge=_USUAL.retry_limit)
    ttl_seconds: int | None = Field(
        default=None,
        ge=_USUAL.ttl_seconds_after_finished,
        alias="ttlSecondsAfterFinished",
    )
    # Of a kernel, by name: {memory: 64Gi, cpu: 16, nvidia.com/gpu: 1}.
    resources: dict[str, Quantity] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _are_amounts(self) -> Self:
        for most in self.resources.values():
            quantities.parse(most)
        return self


@dataclass(frozen=True, slots=True)
class Excess:
    """One thing of which more is asked for than may be."""

    # Where it is asked for: deadlineSeconds; or runtime, resources, requests, memory.
    steps: tuple[str, ...]
    # The limit's own place below limits: deadlineSeconds, resources.memory.
    limit: str
    asked: str
    most: str

    def __str__(self) -> str:
        return f"{'.'.join(self.steps)}: {self._sentence}"

    @property
    def violation(self) -> Violation:
        """The same with its place as a pointer."""
        return Violation("".join(f"/{escaped(step)}" for step in self.steps), self._sentence)

    @property
    def _sentence(self) -> str:
        where = f"{WRITTEN_IN}.{self.limit}"
        return f"{self.asked} is more than the {self.most} that may be asked for here ({where})"


def check_limits(
    said: Mapping[str, Any], limits: Limits, *, runtime: Runtime, defaults: Defaults
) -> None:
    """Raise LimitExceeded with everything that is too much; said is what a call says of its spec.

    runtime and defaults are those of the notebook: what it asks for counts as the call's.
    """
    if limits == Limits():
        return
    spec = ExecutionSpec.model_validate({**said, "notebook": _ANY})
    if found := [*excesses(Held.of(spec, runtime, defaults), limits)]:
        raise LimitExceeded([excess.violation for excess in found])


def excesses(held: Held, limits: Limits) -> Iterator[Excess]:
    """Yield what of it is too much."""
    for field, written in _NUMBERS.items():
        most, asked = getattr(limits, field), getattr(held, field)
        if most is not None and asked > most:
            yield Excess((written,), written, str(asked), str(most))
    yield from _amounts(held.resources, limits)


def _amounts(asked: Resources, limits: Limits) -> Iterator[Excess]:
    for part, amounts in (("requests", asked.requests), ("limits", asked.limits)):
        for name, most in limits.resources.items():
            amount = amounts.get(name)
            if amount is not None and _is_more(amount, most):
                steps = ("runtime", "resources", part, name)
                yield Excess(steps, f"resources.{name}", amount[:40], most)


def _is_more(asked: str, most: str) -> bool:
    try:
        return quantities.parse(asked) > quantities.parse(most)
    except ValueError:
        return False  # No amount at all: others say so of it.
