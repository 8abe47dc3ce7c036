"""Who is calling the intake: the pod that a projected token is bound to."""

import hashlib
import re
import time
from dataclasses import dataclass
from typing import Final

from cachetools import FIFOCache

from podbook_api.state.cluster import Cluster
from podbook_crds.names import TOKEN_AUDIENCE, WARM_POD_PREFIX

# A token outlives its pod at the API server by about 10 s anyway; what a pod may do is decided
# by looking at the pod and the execution, never by the token alone.
_TRUSTED_SECONDS: Final = 60.0
_REMEMBERED: Final = 4096

_POD_NAME: Final = re.compile(r"nbx-([0-9a-f-]{36})-([1-9][0-9]{0,3})")
_WARM_POD_NAME: Final = re.compile(re.escape(WARM_POD_PREFIX) + r"[0-9a-f]{16}")
_EXTRA: Final = "authentication.kubernetes.io"


class NotAPod(Exception):
    """The token is none of a run pod of this namespace."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A run pod: its name says which execution and attempt it was made for.

    A warm one's says nothing of the kind: it has no execution until it is given to one.
    """

    pod_name: str
    pod_uid: str
    execution_uid: str
    attempt: int

    @property
    def is_nobodys(self) -> bool:
        """Whether it has no execution, as far as its token tells."""
        return not self.execution_uid


class Identities:
    """Answers who a token is; asks the API server once a minute for each."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._known: FIFOCache[bytes, tuple[float, Caller]] = FIFOCache(_REMEMBERED)

    async def of(self, authorization: str) -> Caller:
        """Return the pod behind an Authorization header; raise NotAPod."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotAPod("the intake wants a bearer token")
        key = hashlib.sha256(token.encode()).digest()
        known = self._known.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        status = await self._cluster.review_token(token.strip(), audience=TOKEN_AUDIENCE)
        caller = self._caller(status)
        self._known[key] = (time.monotonic() + _TRUSTED_SECONDS, caller)
        return caller

    def _caller(self, status: dict[str, object]) -> Caller:
        user = status.get("user")
        if status.get("authenticated") is not True or not isinstance(user, dict):
            raise NotAPod(str(status.get("error") or "the token is not valid"))
        if TOKEN_AUDIENCE not in (status.get("audiences") or [TOKEN_AUDIENCE]):  # type: ignore[operator]
            raise NotAPod("the token is for another audience")
        if not str(user.get("username")).startswith(
            f"system:serviceaccount:{self._cluster.namespace}:"
        ):
            raise NotAPod("the token is of another namespace")
        extra = user.get("extra") or {}
        pod_name = _first(extra.get(f"{_EXTRA}/pod-name"))
        pod_uid = _first(extra.get(f"{_EXTRA}/pod-uid"))
        if pod_uid and _WARM_POD_NAME.fullmatch(pod_name):
            return Caller(pod_name, pod_uid, "", 0)
        match = _POD_NAME.fullmatch(pod_name)
        if match is None or not pod_uid:
            raise NotAPod("the token is not bound to a run pod")
        return Caller(pod_name, pod_uid, match[1], int(match[2]))


def _first(values: list[str] | None) -> str:
    return values[0] if values else ""
