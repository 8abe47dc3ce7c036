"""What a caller asks for: the same for every surface."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from podbook_api.auth.rbac import User
from podbook_api.submit.webhooks import WebhookRequest
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.content import blob_digest, canonical
from podbook_crds.resources.execution import RuntimeOverride

# The namespace of names made from a caller and its Idempotency-Key; never to be changed.
_KEYS: Final = uuid.UUID("6f9b1a52-6f0e-5a38-9d0a-1d1f3c7a8b21")


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
    # Whether it is to run though there is an answer, and how many seconds old one may be.
    fresh: bool = False
    max_age: int | None = None
    # Whether the caller may read the execution of that name.
    may_read: Callable[[str], Awaitable[bool]] | None = None
    # Of this API as the caller sees it, and where below it this surface shows an execution: a
    # webhook names both.
    base_url: str = ""
    shown_at: str = "/v1/executions"

    @property
    def runtime(self) -> RuntimeOverride:
        """What it wants to change of the notebook's runtime."""
        return RuntimeOverride.model_validate(self.options.get("runtime") or {})

    @cached_property
    def name(self) -> str:
        """A new name for its execution, or the one that the caller's key always leads to."""
        if self.idempotency_key is None:
            return str(uuid.uuid4())
        return str(uuid.uuid5(_KEYS, f"{self.caller.name}\n{self.idempotency_key}"))

    def digest_of(self, target: str) -> str:
        """Cover what the caller sent, not what was pinned: a retry may meet an edited notebook."""
        sent = {
            "notebook": target,
            "parameters": self.parameters,
            "options": self.options,
            "digest": self.digest,
            "webhook": self.webhook and self.webhook.url,
        }
        return blob_digest(canonical(sent))
