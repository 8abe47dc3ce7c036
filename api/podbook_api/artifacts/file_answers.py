"""Sends an artifact: whole or in part, never to be run by a browser as part of this site."""

import re
from typing import Final

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from podbook_api.artifacts.execution_artifacts import Body
from podbook_api.artifacts.rendering.assets import PREFIX
from podbook_api.http.paths import root_of

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")

# What a page may do beside running its scripts: a click may open a window or save a file.
ALLOWED: Final = "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads"
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:\d+)?")


# Beside the policy of what notebooks wrote, against what none names: calls between browsers, and
# host names looked up ahead of a click. Any address may be opened, by a link; a call has none.
UNTOLD: Final = {"Connection-Allowlist": '("*://*:*/*")', "X-DNS-Prefetch-Control": "off"}

_ALWAYS: Final = {
    # A link in a page may be followed; where it stood is nobody's business.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-cache",
}


def sandbox(request: Request) -> str:
    """Return the policy of what notebooks wrote.

    The sandbox gives a page an origin of its own: its scripts run, and reach neither the API nor
    anything else, but for the libraries below /frame/. What it shows has to be in it. Forms and
    <base> are not under default-src.
    """
    host = host_of(request)
    libraries = f" {host}{root_of(request.scope)}{PREFIX}" if host else ""
    return (
        f"sandbox {ALLOWED}; default-src 'none';"
        f" script-src 'unsafe-inline' 'unsafe-eval' blob:{libraries}; style-src 'unsafe-inline';"
        " img-src data: blob:; font-src data:; media-src data: blob:; worker-src blob:;"
        " frame-src 'none'; base-uri 'none'; form-action 'none'"
    )


def host_of(request: Request) -> str:
    """Return the host that the caller asked, or nothing where no policy could name it."""
    host = request.headers.get("host", "")
    return host if _HOST.fullmatch(host) else ""


def response(request: Request, body: Body) -> Response:
    """Return the answer: 200, 206 for one range, 304 for what the caller has, or 416."""
    headers = {"Content-Security-Policy": sandbox(request), **UNTOLD, **_ALWAYS}
    headers |= {"ETag": body.etag} if body.etag else {}
    known = _tags(request.headers.get("if-none-match", ""))
    if "*" in known or (body.etag and body.etag in known):
        return Response(status_code=304, headers=headers)
    start, end = 0, body.size
    asked = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if asked and asked.groups() != ("", "") and _applies(request, body):
        start, end = _bounds(asked, body.size)
        if start >= end:
            headers["Content-Range"] = f"bytes */{body.size}"
            return Response(status_code=416, headers=headers)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{body.size}"
    headers["Content-Length"] = str(end - start)
    status = 206 if "Content-Range" in headers else 200
    return StreamingResponse(
        body.chunks(start, end), status_code=status, headers=headers, media_type=body.media_type
    )


def _bounds(asked: re.Match[str], size: int) -> tuple[int, int]:
    first, last = asked.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size


def _applies(request: Request, body: Body) -> bool:
    """A range of another version than the caller has is no use to it (RFC 9110, If-Range)."""
    condition = request.headers.get("if-range")
    return condition is None or condition == body.etag


def _tags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]
