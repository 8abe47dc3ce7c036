"""The objects inside an execution."""

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from podbook_api.v1.answers.growing import WarningType
from podbook_api.v1.answers.values import Count, Time
from podbook_crds.ends.reasons import Fault, Reason
from podbook_crds.resources.webhook import DeliveryState


class ExecutionLinks(TypedDict):
    """Where it is found: page is for people, the others are of this API."""

    self: str
    page: str
    cancel: str
    rerun: str
    events: str
    report: str
    notebook: str


class CacheUse(TypedDict):
    """What a call came to whose notebook says that answers are given again."""

    hit: Annotated[bool, Field(description="Whether this is the answer of a run of before.")]
    met: Annotated[bool, Field(description="Whether the same call's run was going on already.")]
    ageSeconds: Annotated[float | None, Field(description="Of a hit: how long ago it ended.")]


class Cells(TypedDict):
    """How many code cells the notebook has, and how many have run."""

    total: Count
    completed: Count


class Explanation(TypedDict):
    """What its state means for a person, in the words of pages and command line."""

    fault: Annotated[Fault | str, Field(description="Who has to act for a better next run.")]
    sentence: Annotated[str, Field(description="What happened.")]
    advice: Annotated[str, Field(description="What to do; empty where nothing is to do.")]
    cell: Annotated[Count | None, Field(description="The failing cell, from 0.")]
    lastLines: Annotated[list[str], Field(description="Of its traceback.")]


class RunWarning(TypedDict):
    """What is worth knowing of a run though it changed nothing about its end."""

    type: WarningType | str
    detail: Annotated[str, Field(description="One sentence for people.")]
    pointer: NotRequired[Annotated[str, Field(description="A JSON pointer to what it is about.")]]
    suggestion: NotRequired[Annotated[str, Field(description="What was probably meant.")]]
    cell: NotRequired[Annotated[Count, Field(description="In the notebook, from 0.")]]


class RaisedException(TypedDict):
    """What a cell raised; the whole traceback is the artifact exception.txt."""

    name: str
    value: str
    traceback: str
    cell: NotRequired[Annotated[Count, Field(description="In the notebook, from 0.")]]


class Condition(TypedDict):
    """A condition, as Kubernetes has them: Finished, as soon as the phase is final."""

    type: str
    status: str
    reason: str
    message: str
    lastTransitionTime: NotRequired[Time]
    observedGeneration: NotRequired[Count]


class Attempt(TypedDict):
    """One pod that was made for the execution."""

    number: Annotated[int, Field(ge=1)]
    message: str
    pod: NotRequired[Annotated[str, Field(description="The pod's name.")]]
    podUID: NotRequired[str]
    reason: NotRequired[Reason | str]
    createdAt: NotRequired[Time]
    claimedAt: NotRequired[Time]
    startedAt: NotRequired[Time]
    finishedAt: NotRequired[Time]


class Artifact(TypedDict):
    """A file that the run left, or is leaving."""

    name: str
    mediaType: str
    size: NotRequired[
        Annotated[
            Count,
            Field(description="Bytes; left out for a page, which is made when it is asked for."),
        ]
    ]
    digest: NotRequired[
        Annotated[
            str,
            Field(description="Left out for a page, and for a file of a run that has not ended."),
        ]
    ]
    href: str


class WebhookDelivery(TypedDict):
    """Where its end is told, and how far that has got."""

    url: str
    state: DeliveryState | str
    attempts: Count
    message: str
    lastAttemptAt: NotRequired[Time]
    nextAttemptAt: NotRequired[Time]
    responseStatus: NotRequired[Annotated[int, Field(description="HTTP, of the last.")]]
