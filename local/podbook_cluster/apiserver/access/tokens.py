"""Gives out and checks bearer tokens of service accounts, bound to pods where asked."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import orjson

from podbook_cluster.apiserver.access.users import ADMIN, POD_NAME, POD_UID, User, service_account
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.terms.resources import PODS, SECRETS, SERVICE_ACCOUNTS

ISSUER: Final = "https://kubernetes.default.svc.cluster.local"
API_AUDIENCE: Final = ISSUER
"""Who a token is for when nobody else is named: this server."""

_HEADER: Final = {"alg": "HS256", "typ": "JWT"}
_CLAIM: Final = "kubernetes.io"
_BINDABLE: Final = {"Pod": PODS, "Secret": SECRETS}


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose a token is, and for which of the asked audiences it is good."""

    user: User
    audiences: tuple[str, ...]


class Tokens:
    """The server's signing key, and the objects that its tokens depend on.

    Args:
        key: signs the tokens; at least 32 random bytes.
        admin_token: the one token that is not signed, in the kubeconfig.
        url_key: the administrator's key in a URL, for clients that send no token.
        store: where a token's service account and pod must still exist.

    """

    def __init__(self, key: bytes, admin_token: str, url_key: str, store: Store) -> None:
        self._key = key
        self._url_key = url_key.encode()
        self._admin_token = admin_token.encode()
        self._store = store

    def issue(
        self,
        account: Mapping[str, str],
        *,
        audiences: Sequence[str],
        seconds: int,
        bound_to: tuple[str, str, str] | None = None,
    ) -> tuple[str, float]:
        """Return a token and the Unix time of its end.

        Args:
            account: namespace, name and uid of the service account.
            audiences: who may accept it.
            seconds: how long it is good.
            bound_to: kind, name and uid of an object that the token ends with.

        """
        now = int(time.time())
        end = now + seconds
        bound = {bound_to[0].lower(): {"name": bound_to[1], "uid": bound_to[2]}} if bound_to else {}
        claims = {
            "aud": list(audiences) or [API_AUDIENCE],
            "exp": end,
            "iat": now,
            "nbf": now,
            "iss": ISSUER,
            "jti": str(uuid4()),
            "sub": f"system:serviceaccount:{account['namespace']}:{account['name']}",
            _CLAIM: {
                "namespace": account["namespace"],
                "serviceaccount": {"name": account["name"], "uid": account["uid"]},
                **bound,
            },
        }
        text = f"{_encode(orjson.dumps(_HEADER))}.{_encode(orjson.dumps(claims))}"
        return f"{text}.{_encode(self._sign(text))}", end

    def identify(self, token: str, audiences: Sequence[str] = (API_AUDIENCE,)) -> Identity | None:
        """Return whose token it is, or None where it is not good for any of the audiences."""
        if hmac.compare_digest(token.encode(), self._admin_token):
            return Identity(ADMIN, (API_AUDIENCE,)) if API_AUDIENCE in audiences else None
        claims = self._claims(token)
        if claims is None or claims["exp"] <= time.time():
            return None
        shared = tuple(audience for audience in audiences if audience in claims["aud"])
        if not shared or not self._still_exists(claims[_CLAIM]):
            return None
        return Identity(_user(claims[_CLAIM]), shared)

    def is_url_key(self, key: str) -> bool:
        """Return whether it is the administrator's key."""
        return hmac.compare_digest(key.encode(), self._url_key)

    def _claims(self, token: str) -> dict[str, Any] | None:
        text, _, signature = token.rpartition(".")
        if not hmac.compare_digest(_encode(self._sign(text)).encode(), signature.encode()):
            return None
        claims: dict[str, Any] = orjson.loads(_decode(text.partition(".")[2]))
        return claims

    def _still_exists(self, claim: Mapping[str, Any]) -> bool:
        namespace, account = claim["namespace"], claim["serviceaccount"]
        wanted = [(SERVICE_ACCOUNTS, account)]
        wanted += [
            (_BINDABLE[kind], claim[kind.lower()]) for kind in _BINDABLE if kind.lower() in claim
        ]
        for resource, reference in wanted:
            record = self._store.get(resource, (namespace, reference["name"]))
            if record is None or record.uid != reference["uid"]:
                return False
        return True

    def _sign(self, text: str) -> bytes:
        return hmac.new(self._key, text.encode(), hashlib.sha256).digest()


def _user(claim: Mapping[str, Any]) -> User:
    extra = {}
    if "pod" in claim:
        extra = {POD_NAME: (claim["pod"]["name"],), POD_UID: (claim["pod"]["uid"],)}
    account = claim["serviceaccount"]
    return service_account(claim["namespace"], account["name"], account["uid"], extra)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
