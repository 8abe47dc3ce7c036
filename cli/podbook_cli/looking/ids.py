"""Which execution is meant: by its id, the beginning of it, or as the newest of a kind."""

from itertools import islice
from typing import Final

from podbook.calling.rest import ApiError, Rest
from podbook_cli.exits import BadInput

LAST: Final = "@last"
_FAILED: Final = "@failed"
_NOT_FOUND: Final = 404
_PAGE: Final = 500
_SHOWN: Final = 5
SHORT: Final = 8


def resolved(client: Rest, text: str) -> str:
    """Return the id that is meant; raises BadInput where none is, or more than one."""
    if text.startswith("@"):
        return _newest(client, text)
    if not text:
        raise BadInput("an execution is named by its id, the beginning of it, @last or @failed")
    try:
        return client.get(text).id
    except ApiError as error:
        if error.status != _NOT_FOUND:
            raise
        not_found = error
    names = (str(row["id"]) for row in client.executions(page=_PAGE))
    found = list(islice((name for name in names if name.startswith(text)), _SHOWN + 1))
    if not found:
        raise not_found
    if len(found) > 1:
        more = ", …" if len(found) > _SHOWN else ""
        raise BadInput(f"{text} could be {', '.join(found[:_SHOWN])}{more}: write more of it")
    return found[0]


def _newest(client: Rest, text: str) -> str:
    kind, _, notebook = text.partition(":")
    if kind not in (LAST, _FAILED):
        raise BadInput(f"{text}: there are @last, @last:NOTEBOOK and @failed")
    phase = "Failed" if kind == _FAILED else None
    row = next(client.executions(notebook=notebook or None, phase=phase, page=1), None)
    if row is None:
        what = f"of {notebook!r} " if notebook else ""
        raise BadInput(f"{text}: no run {what}{'failed' if phase else 'is there'} yet")
    return str(row["id"])


def short(name: str, others: list[str]) -> str:
    """Return as much of an id as tells it from the others, as Git does; a name that is none whole.

    Ids that the API makes are UUIDs; what somebody called an execution is read as it is.
    """
    if name.count("-") != 4 or len(name) != 36:  # noqa: PLR2004
        return name
    length = SHORT
    while any(other != name and other.startswith(name[:length]) for other in others):
        length += 1
    return name[:length]
