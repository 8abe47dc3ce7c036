"""What holds for one execution: its own word, or else its notebook's."""

from dataclasses import dataclass
from typing import Any, Self

from podbook_crds.resources.execution import ExecutionSpec
from podbook_crds.resources.notebook import Defaults, Resources, Runtime


@dataclass(frozen=True, slots=True)
class Held:
    """What an execution takes of its cluster, after its own word and its notebook's."""

    deadline_seconds: int
    start_timeout_seconds: int
    queue_timeout_seconds: int
    retry_limit: int
    ttl_seconds: int
    resources: Resources

    @classmethod
    def of(cls, spec: ExecutionSpec, runtime: Runtime, defaults: Defaults) -> Self:
        """Return it; runtime and defaults are those of the notebook, in the version that is run."""

        def chosen(field: str) -> Any:
            own = getattr(spec, field)
            return getattr(defaults, field) if own is None else own

        asked, own = spec.runtime.resources, runtime.resources
        return cls(
            deadline_seconds=chosen("deadline_seconds"),
            start_timeout_seconds=chosen("start_timeout_seconds"),
            queue_timeout_seconds=chosen("queue_timeout_seconds"),
            retry_limit=chosen("retry_limit"),
            ttl_seconds=chosen("ttl_seconds_after_finished"),
            resources=own
            if asked is None
            else Resources(
                requests={**own.requests, **asked.requests}, limits={**own.limits, **asked.limits}
            ),
        )
