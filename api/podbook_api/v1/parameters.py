"""Query and header parameters that several routes of /v1 take."""

from typing import Annotated

from fastapi import Header, Query

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="The same key with the same body leads to the same execution.",
    ),
]
Wait = Annotated[str | None, Query(description="Seconds to wait for the end, at most 60.")]
DryRun = Annotated[
    bool,
    Query(alias="dryRun", description="Only show the notebook with its parameters; run nothing."),
]
