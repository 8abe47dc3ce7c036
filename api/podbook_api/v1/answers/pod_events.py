"""What the cluster tells of a run's pod."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from podbook_api.v1.answers.values import Time


class PodEvent(TypedDict):
    """Something that happened to a pod, as Kubernetes tells it."""

    type: Annotated[str, Field(description="Normal or Warning.")]
    reason: Annotated[str, Field(description="In a word, such as FailedScheduling.")]
    message: Annotated[str, Field(description="For people; credentials in it are masked.")]
    count: Annotated[int, Field(ge=1, description="How often it happened.")]
    firstAt: Time | None
    lastAt: Time | None
    source: Annotated[str, Field(description="Who says so, such as kubelet.")]


class PodEvents(TypedDict):
    """The events of an attempt's pod, at most the last 50, the newest last."""

    attempt: Annotated[int, Field(ge=1, description="Its number, or that of the one to come.")]
    pod: Annotated[str, Field(description="The pod's name, whether it is there yet or no more.")]
    items: list[PodEvent]
