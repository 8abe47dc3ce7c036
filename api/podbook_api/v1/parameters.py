"""Query and header parameters that several routes of /v1 take."""

from typing import Annotated, Literal

import fastapi
from fastapi import Header
from pydantic import WithJsonSchema

from podbook_api.auth.rights import TICKET

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="The same key with the same body leads to the same execution.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The notebook's ETag: the run happens only if it is still the same.",
    ),
]
CacheControl = Annotated[
    str | None,
    Header(
        alias="Cache-Control",
        description="no-cache: run it though there is an answer. max-age=N: one that is older than"
        " so many seconds is none. Of a notebook with a cache.",
    ),
]
# Text, so that what is no number is told in one way; documented as what it has to be.
Wait = Annotated[
    Annotated[str, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 60})] | None,
    fastapi.Query(description="Seconds to wait for the end, at most 60."),
]
DryRun = Annotated[
    bool,
    fastapi.Query(
        alias="dryRun", description="Only show the notebook with its parameters; run nothing."
    ),
]
ListView = Annotated[
    Literal["full", "summary"],
    fastapi.Query(description="summary leaves the schemas out and tells the last execution."),
]
NotebookView = Annotated[
    Literal["full", "page", "ipynb"],
    fastapi.Query(
        description="page is the notebook as its author left it, as HTML; ipynb the file itself."
    ),
]
Ticket = Annotated[
    str | None,
    fastapi.Query(alias=TICKET, max_length=200, description="Stands for the token: see tickets."),
]
# Both are switches: that they are there is all that they say.
Framed = Annotated[
    str | None,
    fastapi.Query(alias="framed", description="The page as it stands in a frame: without a head."),
]
Download = Annotated[
    str | None,
    fastapi.Query(alias="download", description="The page as one file that needs nothing else."),
]
Query = Annotated[
    str,
    fastapi.Query(max_length=200, description="Words that id, title or description must hold."),
]
