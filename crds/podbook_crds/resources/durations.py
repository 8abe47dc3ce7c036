"""How long an execution and its parts may take, and how often it is tried: a type for each."""

from typing import Annotated

from pydantic import Field

from podbook_crds import names

_Duration = Annotated[int, Field(ge=1, le=names.DURATION_LIMIT)]
_Retention = Annotated[int, Field(ge=0, le=names.RETENTION_LIMIT)]

DeadlineSeconds = Annotated[
    _Duration, Field(description="How long the cells may run, from when the kernel is ready.")
]
StartTimeoutSeconds = Annotated[
    _Duration, Field(description="How long a pod may take until its kernel answers.")
]
QueueTimeoutSeconds = Annotated[
    _Duration, Field(description="How long it may wait, and be tried again, until cells can run.")
]
RetryLimit = Annotated[
    int,
    Field(
        ge=0,
        le=10,
        description="How often an attempt that ran no cell is repeated; "
        "where the notebook is idempotent, one that was lost as well.",
    ),
]
TtlSecondsAfterFinished = Annotated[
    _Retention, Field(description="How long an execution that is final is kept.")
]
ArtifactTtlSeconds = Annotated[
    _Retention, Field(description="How long the artifacts of an execution that is final are kept.")
]
