"""Finds out who calls and asks whether they may, by the same rules for HTTP and gRPC."""

from starlette.datastructures import Headers

from podbook_api.auth.oidc.issuers import Issuer
from podbook_api.auth.rbac import Access, Issued, Rbac, User
from podbook_api.auth.tokens import TokenFile
from podbook_api.http.problems import Problem
from podbook_api.settings import AuthMode, Settings
from podbook_api.state.cluster import Cluster

# By name they were always told apart; what people read is the alias.
_LAPTOP = User(AuthMode.LOOPBACK.value, alias="local")
_HOLDER = User(AuthMode.TOKEN.value)


class Callers:
    """The API's answer to who and whether, as PODBOOK_AUTH has it."""

    def __init__(self, settings: Settings, cluster: Cluster) -> None:
        if settings.auth is AuthMode.TOKEN and settings.auth_token_file is None:
            raise ValueError("PODBOOK_AUTH=token needs PODBOOK_AUTH_TOKEN_FILE")
        self._auth = settings.auth
        self._rbac = Rbac(cluster, _issued(settings))
        self._token = TokenFile(settings.auth_token_file) if settings.auth_token_file else None

    async def who(self, headers: Headers, forwarded: User | None = None) -> User:
        """Return who shows these headers, or whom a proxy vouches for; raise Problem 401.

        Of two tokens nobody knows which a proxy before us has looked at: Problem 400.
        """
        if self._auth is not AuthMode.LOOPBACK and len(headers.getlist("authorization")) > 1:
            said = "send one Authorization header, with one token"
            raise Problem(400, "malformed-request", "The request shows several tokens", said)
        if self._auth is AuthMode.KUBERNETES:
            return forwarded or await self._rbac.user(headers.get("authorization", ""))
        if self._auth is AuthMode.TOKEN and self._token is not None:
            self._token.check(headers)
            return _HOLDER
        return _LAPTOP

    async def admit(self, user: User, access: Access) -> None:
        """Return where the user may do it; raise Problem 403. One token, and a laptop, may all."""
        if self._auth is AuthMode.KUBERNETES:
            await self._rbac.check(user, access)


def _issued(settings: Settings) -> Issued | None:
    issuer = Issuer.of(settings)
    if issuer is None:
        return None
    # Imported here: it brings cryptography along, which nobody else needs.
    from podbook_api.auth.oidc.verifier import Verifier

    return Verifier(issuer)
