"""What /v1 answers where it cannot do what was asked."""

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from podbook_api.v1.answers.growing import ProblemType


class Violation(TypedDict):
    """A place that does not fit: a JSON pointer (RFC 6901) to it, and what is wrong."""

    pointer: str
    detail: str
    suggestion: NotRequired[Annotated[str, Field(description="The declared name that was meant.")]]


class Problem(TypedDict):
    """A problem document (RFC 9457)."""

    type: ProblemType | str
    title: str
    status: int
    detail: NotRequired[Annotated[str, Field(description="A sentence for people.")]]
    errors: NotRequired[
        Annotated[
            list[Violation],
            Field(description="Every wrong place: a JSON pointer into the request, what is wrong."),
        ]
    ]
