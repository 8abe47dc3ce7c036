"""Who calls, and what stands for a token."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypeAliasType, TypedDict

from podbook_api.settings import AuthMode
from podbook_api.v1.answers.values import Time

Rights = TypeAliasType(
    "Rights",
    Annotated[
        dict[str, list[str]],
        Field(
            description=(
                "What the caller may do: verbs of notebooks, executions, pods' logs and events."
            )
        ),
    ],
)


class Session(TypedDict):
    """Who calls, and what this caller may do."""

    user: str
    auth: AuthMode | str
    version: Annotated[str, Field(description="Of the server.")]
    namespace: str
    rights: Rights


class Ticket(TypedDict):
    """Opens one artifact without a token, as `?ticket=` in its address."""

    ticket: str
    expiresAt: Time
