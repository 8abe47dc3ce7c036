"""The cluster's own access control: TokenReview says who, SubjectAccessReview says whether."""

import hashlib
import time
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from cachetools import FIFOCache

from podbook_api.http.problems import Problem
from podbook_api.state.cluster import Cluster
from podbook_crds import names

V = TypeVar("V")

ANONYMOUS: Final = "system:anonymous"

_USER_SECONDS: Final = 60.0
_ALLOWED_SECONDS: Final = 10.0
_DENIED_SECONDS: Final = 5.0
_REMEMBERED: Final = 4096


@dataclass(frozen=True, slots=True)
class Access:
    """A verb on a resource; name is empty where it is not about one object.

    The resource may be a part of another, as in pods/log; group is whose it is.
    """

    verb: str
    resource: str
    name: str = ""
    group: str = names.GROUP


@dataclass(frozen=True)
class User:
    """A user as the cluster knows it, or whoever an API of its own rules lets in.

    alias is what such a caller is called where people read it.
    """

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()
    alias: str = ""

    @property
    def shown(self) -> str:
        """Who did it, for people."""
        return self.alias or self.name


NOBODY: Final = User(ANONYMOUS, ("system:unauthenticated",))


class Issued(Protocol):
    """Tokens that are checked here and not by the cluster."""

    def is_of_issuer(self, token: str) -> bool:
        """Whether the token says that it is one of them."""
        ...

    async def user(self, token: str) -> User:
        """Return whose it is; raise Problem 401, 403 or 503."""
        ...


class Rbac:
    """Asks the cluster, and remembers its answers for seconds."""

    def __init__(self, cluster: Cluster, issued: "Issued | None" = None) -> None:
        """Issued knows the tokens of an issuer that the cluster does not."""
        self._cluster = cluster
        self._issued = issued
        self._users: _Memory[User] = _Memory()
        self._answers: _Memory[bool] = _Memory()

    async def user(self, authorization: str) -> User:
        """Return who shows the token; nobody's rights are the cluster's to decide as well."""
        scheme, _, token = authorization.partition(" ")
        if not authorization:
            return NOBODY
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized("send Authorization: Bearer TOKEN")
        key = hashlib.sha256(token.encode()).digest()
        known = self._users.get(key)
        if known is None and self._issued is not None and self._issued.is_of_issuer(token.strip()):
            # Not remembered: checking it costs less than a millisecond, and it ends by itself.
            return await self._issued.user(token.strip())
        if known is None:
            status = await self._cluster.review_token(token.strip(), audience=None)
            if status.get("authenticated") is not True:
                raise unauthorized(str(status.get("error") or "the token is not valid"))
            known = _user(status.get("user") or {})
            self._users.put(key, known, seconds=_USER_SECONDS)
        return known

    async def check(self, user: User, access: Access) -> None:
        """Raise Problem 403 unless the cluster lets the user do it, to all or to this one."""
        for name in dict.fromkeys(("", access.name)):
            key = (user, access.verb, access.resource, access.group, name)
            allowed = self._answers.get(key)
            if allowed is None:
                allowed = await self._cluster.review_access(self._spec(user, access, name))
                kept = _ALLOWED_SECONDS if allowed else _DENIED_SECONDS
                self._answers.put(key, allowed, seconds=kept)
            if allowed:
                return
        raise Problem(
            403,
            "forbidden",
            "The cluster's RBAC does not allow it",
            f"user {user.name!r} may not {access.verb} {_shown(access)}"
            f" in namespace {self._cluster.namespace!r}",
        )

    def _spec(self, user: User, access: Access, name: str) -> dict[str, Any]:
        resource, _, part = access.resource.partition("/")
        attributes = {
            "namespace": self._cluster.namespace,
            "group": access.group,
            "version": names.VERSION if access.group == names.GROUP else "v1",
            "resource": resource,
            "verb": access.verb,
            **({"subresource": part} if part else {}),
            **({"name": name} if name else {}),
        }
        return {
            "user": user.name,
            "groups": list(user.groups),
            "uid": user.uid,
            "extra": {key: list(values) for key, values in user.extra},
            "resourceAttributes": attributes,
        }


class _Memory(Generic[V]):
    """Values that are good for a while; the oldest make room."""

    def __init__(self) -> None:
        self._values: FIFOCache[Hashable, tuple[float, V]] = FIFOCache(_REMEMBERED)

    def get(self, key: Hashable) -> V | None:
        until, value = self._values.get(key, (0.0, None))
        return value if until > time.monotonic() else None

    def put(self, key: Hashable, value: V, *, seconds: float) -> None:
        self._values[key] = (time.monotonic() + seconds, value)


def _shown(access: Access) -> str:
    return f"{access.resource}.{access.group}" if access.group else access.resource


def _user(found: dict[str, Any]) -> User:
    extra = found.get("extra") or {}
    return User(
        name=str(found.get("username") or ANONYMOUS),
        groups=tuple(found.get("groups") or ()),
        uid=str(found.get("uid") or ""),
        extra=tuple(sorted((key, tuple(values)) for key, values in extra.items())),
    )


def unauthorized(detail: str) -> Problem:
    """Return the answer to who shows no token, or one that is not good."""
    return Problem(
        401,
        "unauthorized",
        "The token is not accepted",
        detail,
        headers={"WWW-Authenticate": "Bearer"},
    )
