"""Says where a page of a list ends, and where the next one begins."""

import re
from typing import Annotated, Final

from fastapi import Query
from pydantic import WithJsonSchema

from podbook_api.http.problems import Problem
from podbook_api.state.submission_order import Key

# When it was submitted, in digits, and the name: whatever fits stands somewhere in the order, and
# what a client takes from elsewhere does not fit.
_TOKEN: Final = (
    r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{6})"
    r"-([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?)"
)
Continue = Annotated[
    Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^{_TOKEN}$"})] | None,
    Query(alias="continue", description="What the page before gave as `continue`."),
]


def token_of(key: Key) -> str:
    """Return what leads to the executions after that one, in the order of the page it ends."""
    return f"{re.sub('[^0-9]', '', key.submitted_at)}-{key.name}"


def key_of(token: str) -> Key:
    """Return where the page begins; raise Problem 422 for what no page gave."""
    found = re.fullmatch(_TOKEN, token)
    if found is None:
        detail = f"continue is what an earlier page gave, unchanged; {token[:100]!r} is none of it"
        raise Problem(422, "invalid-request", "The query does not fit", detail)
    year, month, day, hour, minute, second, fraction, name, _ = found.groups()
    return Key(f"{year}-{month}-{day}T{hour}:{minute}:{second}.{fraction}Z", name)
