"""Finds out who calls over gRPC, by the same rules as over HTTP."""

from collections.abc import Iterable

from starlette.datastructures import Headers

from podbook_api.auth.access import Access
from podbook_api.auth.rbac import Rbac
from podbook_api.auth.tokens import TokenFile
from podbook_api.settings import AuthMode, Settings
from podbook_api.state.cluster import Cluster
from podbook_crds import names

_RUN = Access("create", names.EXECUTION_PLURAL)


class Callers:
    """Lets a call through with its caller's name, or raises Problem 401 or 403."""

    def __init__(self, settings: Settings, cluster: Cluster) -> None:
        self._settings = settings
        self._rbac = Rbac(cluster)
        self._token = TokenFile(settings.auth_token_file) if settings.auth_token_file else None

    async def caller(self, metadata: Iterable[tuple[str, str | bytes]]) -> str:
        """Return the caller's name by the call's metadata, where `authorization` may stand."""
        shown = dict(metadata).get("authorization", "")
        authorization = shown if isinstance(shown, str) else shown.decode("latin-1")
        if self._settings.auth is AuthMode.KUBERNETES:
            user = await self._rbac.user(authorization)
            await self._rbac.check(user, _RUN)
            return user.name
        if self._settings.auth is AuthMode.TOKEN and self._token is not None:
            self._token.check(Headers({"authorization": authorization}))
        return self._settings.auth.value
