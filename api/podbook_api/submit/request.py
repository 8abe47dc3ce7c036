"""What a caller asks to be run, whichever surface it came by."""

from dataclasses import dataclass, field
from typing import Any

from podbook_api.auth.rbac import User
from podbook_api.submit.webhooks import WebhookRequest
from podbook_crds.calls.surfaces import Surface
from podbook_crds.resources.execution import RuntimeOverride


@dataclass(frozen=True)
class Request:
    """What a caller asks for, whichever surface it came by."""

    surface: Surface
    caller: User
    parameters: dict[str, Any] = field(default_factory=dict)
    # Further fields of the spec, camelCase, already checked.
    options: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    # The caller's precondition on the content.
    digest: str | None = None
    # Of an inline notebook; the operator chooses the kernel by it.
    language: str | None = None
    annotations: dict[str, str] = field(default_factory=dict)
    webhook: WebhookRequest | None = None
    # Of this API as the caller sees it, and where below it this surface shows an execution: a
    # webhook names both.
    base_url: str = ""
    shown_at: str = "/v1/executions"

    @property
    def runtime(self) -> RuntimeOverride:
        """What it wants to change of the notebook's runtime."""
        return RuntimeOverride.model_validate(self.options.get("runtime") or {})
