"""Says who shows a token of the issuer that is configured."""

from typing import Any, Final

import jwt

from podbook_api.auth.oidc.issuers import Issuer
from podbook_api.auth.oidc.signing_keys import SigningKeys
from podbook_api.auth.rbac import User, unauthorized

# Only what is checked with a public key: with a shared one, whoever checks could sign.
_ALGORITHMS: Final = [f"{kind}{bits}" for kind in ("RS", "ES", "PS") for bits in (256, 384, 512)]
_LEEWAY_SECONDS: Final = 10
_LONGEST: Final = 32 * 1024


class Verifier:
    """One issuer's tokens; all others are somebody else's to judge."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._keys = SigningKeys(issuer)

    def is_of_issuer(self, token: str) -> bool:
        """Whether the token says that it is the issuer's, which anybody can write."""
        if len(token) > _LONGEST:
            return False
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, RecursionError):
            return False
        return claims.get("iss") == self._issuer.url

    async def user(self, token: str) -> User:
        """Return whose it is; raise Problem 401, 403, or 503 where the issuer does not answer."""
        key = await self._key_of(token)
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                audience=self._issuer.audience,
                issuer=self._issuer.url,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise unauthorized(f"the token of {self._issuer.url} is not valid: {error}") from error
        return self._issuer.user(claims)

    async def _key_of(self, token: str) -> Any:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise unauthorized(f"the token is not valid: {error}") from error
        if header.get("alg") not in _ALGORITHMS:
            raise unauthorized(f"tokens signed with {str(header.get('alg'))[:20]!r} are not taken")
        found = await self._keys.find(str(header.get("kid", "")))
        if found is None:
            raise unauthorized(f"the token names a key that {self._issuer.url} does not have")
        try:
            return jwt.PyJWK(found, algorithm=header["alg"]).key
        except (jwt.PyJWTError, ValueError) as error:
            raise unauthorized(f"the token's key can't be used: {error}") from error
