"""How what the API works with stands."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict


class StoreHealth(TypedDict):
    """Whether the artifact store takes what runs leave."""

    writable: bool
    problem: Annotated[str | None, Field(description="Why it takes nothing.")]
    freeBytes: Annotated[int | None, Field(description="Of a volume; null for a bucket.")]
    totalBytes: int | None


class QueueHealth(TypedDict):
    """How many executions wait, and how many may."""

    queued: int
    limit: int


class Health(TypedDict):
    """How what the API works with stands."""

    version: Annotated[str, Field(description="Of the server.")]
    namespace: str
    store: StoreHealth
    queue: QueueHealth
