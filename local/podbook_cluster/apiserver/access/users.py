"""Who makes a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

POD_NAME: Final = "authentication.kubernetes.io/pod-name"
POD_UID: Final = "authentication.kubernetes.io/pod-uid"
ADMINS: Final = "system:masters"


@dataclass(frozen=True, slots=True)
class User:
    """A name, its groups, and what the token says besides."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_admin(self) -> bool:
        """Whether no access rule applies."""
        return ADMINS in self.groups

    def info(self) -> dict[str, Any]:
        """Return it as reviews and policies show it."""
        return {
            "username": self.name,
            **({"uid": self.uid} if self.uid else {}),
            "groups": list(self.groups),
            **(
                {"extra": {key: list(value) for key, value in self.extra.items()}}
                if self.extra
                else {}
            ),
        }


ADMIN: Final = User("admin", (ADMINS, "system:authenticated"))
SERVER: Final = User("system:apiserver", (ADMINS, "system:authenticated"))


def service_account(
    namespace: str, name: str, uid: str = "", extra: Mapping[str, tuple[str, ...]] | None = None
) -> User:
    """Return the user that a service account is."""
    return User(
        f"system:serviceaccount:{namespace}:{name}",
        (
            "system:serviceaccounts",
            f"system:serviceaccounts:{namespace}",
            "system:authenticated",
        ),
        uid,
        extra or {},
    )
