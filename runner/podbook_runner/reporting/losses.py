"""Collects which artifacts are not kept and why, one entry for each sentence."""

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
# Of each reason: so many sentences; what is lost for yet another one is told without it.
_MESSAGES_LIMIT: Final = 4
_OTHERS: Final = "there were more causes of this kind"


class Losses:
    """What is not kept; a thousand files that are lost for one reason are one entry."""

    def __init__(self) -> None:
        self._lost: dict[tuple[str, str], LostArtifacts] = {}

    def add(self, reason: str, message: str, name: str) -> None:
        """Take note of an artifact; no sentence stands for one of which it is not true."""
        key = (reason, message[:_MESSAGE_LIMIT])
        told = sum(kept == reason for kept, _ in self._lost)
        if key not in self._lost and told >= _MESSAGES_LIMIT:
            key = (reason, _OTHERS)
        lost = self._lost.get(key) or LostArtifacts(reason=reason, message=key[1], count=0)
        names = [*lost.names, _printable(name)][:NAMES_LIMIT]
        self._lost[key] = lost.model_copy(update={"count": lost.count + 1, "names": names})

    def all(self) -> list[LostArtifacts]:
        """Return the entries, the first sentence first."""
        return list(self._lost.values())


def _printable(name: str) -> str:
    """Return the name as people can read it: bytes that are no UTF-8 as escapes."""
    text = ascii(name) if not name.isprintable() else f"'{name}'"
    return text if len(text) <= NAME_LIMIT else f"{text[:NAME_LIMIT]}…"
