"""One line of what the doctor says."""

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and how it stands."""

    check: str
    # None where it could not be looked at.
    ok: bool | None
    says: str
    # One thing to do or to type; empty where nothing is wrong.
    cure: str = ""

    @classmethod
    def good(cls, check: str, says: str) -> Self:
        """Return that all is well."""
        return cls(check, True, says)

    @classmethod
    def wrong(cls, check: str, says: str, cure: str) -> Self:
        """Return what is wrong, and what to do."""
        return cls(check, False, says, cure)

    @classmethod
    def unseen(cls, check: str, says: str, cure: str) -> Self:
        """Return that it was not looked at, and how it can be."""
        return cls(check, None, says, cure)

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"check": self.check, "ok": self.ok, "says": self.says, "cure": self.cure or None}
