"""Whose tokens are taken, and who their bearer is by them: in kube-apiserver's own terms.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens
"""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from podbook_api.auth.rbac import User, unauthorized
from podbook_api.http.problems import Problem
from podbook_api.settings import Settings

# The cluster's own, which only the cluster itself may say of anybody.
_RESERVED: Final = "system:"
_NO_PREFIX: Final = "-"


@dataclass(frozen=True, slots=True)
class Issuer:
    """One issuer, and what its claims mean here."""

    url: str
    audience: str
    username_claim: str
    username_prefix: str
    groups_claim: str
    groups_prefix: str
    ca_file: Path | None

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """Return the issuer that is configured, or None; raise ValueError where it can't be."""
        url = settings.oidc_issuer
        if not url:
            return None
        if not settings.oidc_audience:
            raise ValueError(
                "PODBOOK_OIDC_ISSUER needs PODBOOK_OIDC_AUDIENCE: tokens made for others"
                " of its clients are nobody's here"
            )
        if not is_fit(url):
            raise ValueError(f"PODBOOK_OIDC_ISSUER={url[:200]} is no https:// address")
        claim, prefix = settings.oidc_username_claim, settings.oidc_username_prefix
        if not prefix and claim != "email":
            prefix = f"{url}#"
        return cls(
            url=url,
            audience=settings.oidc_audience,
            username_claim=claim,
            username_prefix="" if prefix == _NO_PREFIX else prefix,
            groups_claim=settings.oidc_groups_claim,
            groups_prefix=settings.oidc_groups_prefix,
            ca_file=settings.oidc_ca_file,
        )

    def user(self, claims: dict[str, Any]) -> User:
        """Return who the claims of a verified token are of; raise Problem 401 or 403."""
        named = claims.get(self.username_claim)
        if not isinstance(named, str) or not named:
            raise unauthorized(f"the token has no claim {self.username_claim!r} with a name")
        if self.username_claim == "email" and claims.get("email_verified", True) is not True:
            raise unauthorized("the token's email is not verified by its issuer")
        groups = self._groups(claims)
        name = f"{self.username_prefix}{named}"
        for each in (name, *groups):
            if each.startswith(_RESERVED):
                detail = f"no issuer may say that a caller is {each[:200]!r}"
                raise Problem(403, "reserved-identity", "The token's word does not count", detail)
        return User(name, (*groups, "system:authenticated"))

    def _groups(self, claims: dict[str, Any]) -> tuple[str, ...]:
        found = claims.get(self.groups_claim) if self.groups_claim else None
        listed = [found] if isinstance(found, str) else found or []
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise unauthorized(f"the token's claim {self.groups_claim!r} is no list of names")
        return tuple(f"{self.groups_prefix}{each}" for each in listed)


def is_fit(url: str) -> bool:
    """Whether what stands there can be believed: nobody between changes it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    try:
        is_here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        is_here = False
    return parts.scheme == "http" and is_here
