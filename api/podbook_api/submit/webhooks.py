"""What a caller says to be told of the end: a URL, and a secret that never leaves its Secret."""

import base64
import binascii
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field

from podbook_crds import names
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.model import Model
from podbook_crds.resources.webhook import SECRET_KEY, SecretRef, Webhook, secret_name

SECRETS: Final = "secrets"

_PREFIX: Final = "whsec_"
_SHORTEST: Final = 24
_LONGEST: Final = 64


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("a webhook's url is an absolute http or https address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a webhook's url holds no user and password; the secret signs instead")
    return url


def _signing(secret: str) -> str:
    text = secret.removeprefix(_PREFIX)
    try:
        size = len(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except (ValueError, binascii.Error):
        size = 0
    if not secret.startswith(_PREFIX) or not _SHORTEST <= size <= _LONGEST:
        raise ValueError(
            f"a webhook's secret is {_PREFIX} and base64 of {_SHORTEST} to {_LONGEST} random"
            f' bytes, e.g. from: echo "{_PREFIX}$(openssl rand -base64 32)"'
        )
    return secret


class WebhookRequest(Model):
    """Who is to be told when the execution is final, as Standard Webhooks has it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: Annotated[str, AfterValidator(_address)] = Field(max_length=2048)
    secret: Annotated[str, AfterValidator(_signing)] = Field(
        max_length=256, repr=False, description="Signs what is sent: whsec_ and base64."
    )


def reference(asked: WebhookRequest | None, default: Webhook | None, name: str) -> Webhook | None:
    """Return what stands in the spec of the execution of that name: the caller's, else default."""
    if asked is None:
        return default
    return Webhook(url=asked.url, secret_ref=SecretRef(name=secret_name(name)))


def secret(asked: WebhookRequest, execution: Execution) -> dict[str, Any]:
    """Return the Secret, which the execution owns: it goes when the execution goes."""
    owner = {
        "apiVersion": names.API_VERSION,
        "kind": names.EXECUTION_KIND,
        "name": execution.name,
        "uid": execution.uid,
    }
    metadata = {
        "name": secret_name(execution.name),
        "labels": {names.WEBHOOK_LABEL: ""},
        "ownerReferences": [owner],
    }
    data = {SECRET_KEY: base64.b64encode(asked.secret.encode()).decode()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": metadata,
        "data": data,
    }
