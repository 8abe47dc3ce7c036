"""An execution: in a list, and whole."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from podbook_api.v1.answers.parts import (
    Artifact,
    Attempt,
    CacheUse,
    Cells,
    Condition,
    ExecutionLinks,
    Explanation,
    RaisedException,
    RunWarning,
    WebhookDelivery,
)
from podbook_api.v1.answers.problem import Violation
from podbook_api.v1.answers.values import Count, Parameters, Time
from podbook_crds import names
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.resources.warning import WARNINGS_LIMIT


class Known(TypedDict):
    """What lists and whole executions both tell."""

    id: str
    notebook: Annotated[str | None, Field(description="Its id; null for an inline notebook.")]
    phase: Annotated[Phase | str, Field(description="The last three are final. More may come.")]
    reason: Annotated[
        Reason | str | None, Field(description="Why it is in its phase. More may come.")
    ]
    message: Annotated[str, Field(description="The reason as a sentence for people.")]
    createdAt: Time
    createdBy: Annotated[
        str | None,
        Field(description="Who asked this API for it; null where it did not come by this API."),
    ]
    surface: Annotated[
        Surface | str | None, Field(description="By which of this API's surfaces it came.")
    ]
    startedAt: Time | None
    finishedAt: Time | None
    durationSeconds: Annotated[float | None, Field(description="What its cells took.")]
    links: ExecutionLinks


class Summary(Known):
    """An execution as a list shows it."""

    parameters: Annotated[str, Field(description="The beginning of their JSON.")]
    cells: Annotated[
        Cells | None,
        Field(description="Of a running one, where the process that answers was told; else null."),
    ]
    warnings: Annotated[Count, Field(description="How many it has.")]


# By a call, as one of its names is no name in Python.
ExecutionList = TypedDict(
    "ExecutionList",
    {
        "items": list[Summary],
        "continue": Annotated[
            str | None, Field(description="Where the next page begins; null after the last.")
        ],
    },
)


class Keeping(TypedDict):
    """Which run it repeats or was there before a call, who ended it, and how long it is there."""

    environment: Annotated[
        str | None, Field(description="The lock of what its notebook needs, where that says so.")
    ]
    rerunOf: Annotated[
        str | None, Field(description="The id of the execution that it runs once more.")
    ]
    cancelledBy: Annotated[
        str | None, Field(description="Who asked this API for its end; null where nobody did.")
    ]
    keep: Annotated[bool, Field(description="Whether it is kept beyond its time.")]
    expiresAt: Annotated[
        Time | None,
        Field(description="When it is deleted; null before its end, and where it is kept."),
    ]
    artifactsExpireAt: Annotated[Time | None, Field(description="When its artifacts are.")]
    cache: Annotated[
        CacheUse | None,
        Field(description="In answers to a POST, where its notebook has a cache; else null."),
    ]


class Execution(Known, Keeping):
    """One run of a notebook: what was asked for, how far it got, what it left."""

    explanation: Explanation
    notebookDigest: str | None
    parameters: Parameters
    output: Annotated[
        Any, Field(description="What save_output saved; null where hasOutput is false.")
    ]
    hasOutput: bool
    violations: Annotated[
        list[Violation],
        Field(
            description="Where the output does not fit its contract, failed for it or not: a JSON"
            " pointer into this object, and what is wrong."
            f" The first {names.VIOLATIONS_LIMIT}."
        ),
    ]
    warnings: Annotated[list[RunWarning], Field(description=f"The first {WARNINGS_LIMIT}.")]
    exception: RaisedException | None
    conditions: list[Condition]
    cells: Cells | None
    attempts: list[Attempt]
    artifacts: list[Artifact]
    cancelled: Annotated[bool, Field(description="Whether its end was asked for.")]
    webhook: WebhookDelivery | None
