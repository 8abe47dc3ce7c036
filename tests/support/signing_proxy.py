"""A proxy as oauth2-proxy is one: whoever comes through it is signed in, by a token it adds."""

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_METHODS = ["GET", "HEAD", "POST", "DELETE"]
_OWN = {"content-length", "content-encoding", "transfer-encoding", "connection"}


def signing(to: str, token: str) -> Starlette:
    """Return a proxy to that address; the browser's own cookies and tokens go no further."""

    async def pass_on(request: Request) -> Response:
        headers = {
            name: value
            for name, value in request.headers.items()
            if name not in ("cookie", "authorization", "accept-encoding")
        }
        path = str(request.url).removeprefix(str(request.base_url).rstrip("/"))
        async with httpx.AsyncClient(base_url=to, timeout=90, trust_env=False) as client:
            answer = await client.request(
                request.method,
                path,
                headers={**headers, "Authorization": f"Bearer {token}"},
                content=await request.body(),
            )
        kept = {name: value for name, value in answer.headers.items() if name not in _OWN}
        return Response(answer.content, status_code=answer.status_code, headers=kept)

    return Starlette(routes=[Route("/{path:path}", pass_on, methods=_METHODS)])
