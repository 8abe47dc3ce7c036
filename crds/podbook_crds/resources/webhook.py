"""Who is told when an execution is final, and what became of telling them."""

from enum import StrEnum
from typing import Final

from pydantic import Field

from podbook_crds.resources.model import MicroTime, Model

# In a Secret that webhooks are signed with: whsec_ and base64, as Standard Webhooks has it.
SECRET_KEY: Final = "secret"


class SecretRef(Model):
    """A Secret in the execution's namespace, labelled podbook.dev/webhook."""

    name: str


class Webhook(Model):
    """Who is told when the execution is final; without a Secret to sign with, nobody is."""

    url: str = Field(max_length=2048, description="Where it is told, by a signed POST.")
    secret_ref: SecretRef | None = None


class DeliveryState(StrEnum):
    """How far telling them has got; Delivered and Failed are its ends."""

    PENDING = "Pending"
    DELIVERED = "Delivered"
    FAILED = "Failed"


class Delivery(Model):
    """The deliveries of an execution's webhook so far."""

    state: DeliveryState = DeliveryState.PENDING
    attempts: int = Field(default=0, ge=0)
    last_attempt_at: MicroTime | None = None
    next_attempt_at: MicroTime | None = None
    response_status: int | None = Field(default=None, description="HTTP, of the last attempt.")
    message: str = ""


def secret_name(execution: str) -> str:
    """Return the name of the Secret that the API makes for an execution; the execution owns it."""
    return f"{execution}-webhook"
