"""Collects which artifacts are not kept and why, one entry for each reason."""

from typing import Final

from podbook_crds.protocol.result import LostArtifacts

# Reasons of the condition ArtifactsLost: clients may match on them.
TOO_MANY: Final = "TooMany"
TOO_LARGE: Final = "TooLarge"
NAME_INVALID: Final = "NameInvalid"
NOT_A_FILE: Final = "NotAFile"
UNREADABLE: Final = "Unreadable"
REFUSED: Final = "Refused"

# Of each reason: so many names, and so many characters of one.
NAMES_LIMIT: Final = 5
NAME_LIMIT: Final = 100
_MESSAGE_LIMIT: Final = 300


class Losses:
    """What is not kept; a thousand files that are lost for one reason are one entry."""

    def __init__(self) -> None:
        self._lost: dict[str, LostArtifacts] = {}

    def add(self, reason: str, message: str, name: str) -> None:
        """Take note of an artifact; the first message of a reason stands for all of them."""
        lost = self._lost.get(reason)
        if lost is None:
            lost = LostArtifacts(reason=reason, message=message[:_MESSAGE_LIMIT], count=0)
        names = [*lost.names, _printable(name)][:NAMES_LIMIT]
        self._lost[reason] = lost.model_copy(update={"count": lost.count + 1, "names": names})

    def all(self) -> list[LostArtifacts]:
        """Return the entries, the first reason first."""
        return list(self._lost.values())


def _printable(name: str) -> str:
    """Return the name as people can read it: bytes that are no UTF-8 as escapes."""
    text = ascii(name) if not name.isprintable() else f"'{name}'"
    return text if len(text) <= NAME_LIMIT else f"{text[:NAME_LIMIT]}…"
