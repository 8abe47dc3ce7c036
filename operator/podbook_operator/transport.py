"""HTTP to the Kubernetes API: with lease.py the only module here that imports its client.

Bodies are plain dicts: the client's typed models would copy every pod and drop what they do not
know.
"""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from kubernetes.aio import client, config

from podbook_crds.errors import ClusterUnavailable, Refused

Body = dict[str, Any]

JSON_PATCH: Final = "application/json-patch+json"
_TIMEOUT_SECONDS: Final = 15
# A burst must not become a storm of parallel requests.
_CONNECTIONS: Final = 32

# Answers that another try may change.
_PASSING: Final = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
}


async def connect(kubeconfig: Path | None) -> client.ApiClient:
    """Return a client by kubeconfig, or without one by the pod's own service account."""
    configuration = client.Configuration()
    if kubeconfig is not None:
        await config.load_kube_config(str(kubeconfig), client_configuration=configuration)
    else:
        config.load_incluster_config(client_configuration=configuration)
    configuration.connection_pool_maxsize = _CONNECTIONS
    api = client.ApiClient(configuration)
    api.user_agent = "podbook-operator"
    return api


class Transport:
    """Asks the Kubernetes API; its errors and those of the network become Podbook's own."""

    def __init__(
        self,
        api: client.ApiClient,
        *,
        observe: Callable[[str, int], None] | None = None,
        before_write: Callable[[], None] | None = None,
    ) -> None:
        self._api: Any = api
        # Told the verb and the HTTP status of every answer; 0 where there was none.
        self._observe = observe or (lambda _verb, _status: None)
        self._before_write = before_write or (lambda: None)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Body:
        """Return the answer's object.

        Raises Refused where the server understood and said no, ClusterUnavailable where it did
        not answer or could not: then nobody knows whether the request was carried out.
        """
        if method != "GET":
            self._before_write()
        status, text = await self._send(method, path, query or {}, body, content_type)
        self._observe(method, status)
        try:
            answer: Body = json.loads(text)
        except ValueError:
            answer = {}
        if status < HTTPStatus.BAD_REQUEST:
            return answer
        message = f"{method} {path}: {answer.get('message') or f'HTTP status {status}'}"
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
            raise ClusterUnavailable(message)
        raise Refused(message, status=status, reason=answer.get("reason", ""))

    async def _send(
        self, method: str, path: str, query: Mapping[str, str], body: Any, content_type: str
    ) -> tuple[int, bytes]:
        headers = {"Accept": "application/json", "Content-Type": content_type}
        try:
            _, url, headers, _, _ = await self._api.param_serialize(
                method, path, header_params=headers, auth_settings=["BearerToken"]
            )
            url = f"{url}?{urlencode(query)}" if query else url
            response = await self._api.call_api(
                method, url, headers, body, _request_timeout=_TIMEOUT_SECONDS
            )
            return response.status, await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self._observe(method, 0)
            raise ClusterUnavailable(f"{method} {path}: {error!r}") from error
