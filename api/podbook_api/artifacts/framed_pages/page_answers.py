"""Answers with a notebook's page: alone in a browser's window it stands in a frame of ours.

A page may lead its own window anywhere, and take along what it holds: no policy of its own stops
that. The policy of a page around it does, which lets the frame show this address and no other.
"""

import base64
import hashlib
from collections.abc import Collection
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from podbook_api.artifacts import file_answers
from podbook_api.artifacts.execution_artifacts import Artifacts
from podbook_api.artifacts.framed_pages import page_forms, page_head
from podbook_api.http.paths import root_of
from podbook_crds.resources.execution import Execution

# In the query: the page as it stands in our frame; the page as one file.
FRAMED: Final = "framed"
DOWNLOAD: Final = "download"

_LOOK: Final = Path(__file__).parent / "look"
_STYLE: Final = (_LOOK / "frame.css").read_text()
_SCRIPT: Final = (_LOOK / "frame.js").read_text()


async def page(
    request: Request,
    artifacts: Artifacts,
    execution: Execution,
    secrets: Collection[str],
    *,
    report: bool,
) -> Response:
    """Return the page of an execution, in the form that the request asks for.

    secrets are names of parameters that are shown to nobody.
    """
    name = execution.notebook_id or "notebook"
    if _is_alone(request):
        return _frame(request, execution, name, secrets)
    body = await artifacts.html(execution, report=report)
    data = page_forms.titled(body.data or b"", page_head.title(execution, name))
    if FRAMED not in request.query_params:
        data = page_forms.headed(data, page_head.head(execution, name, secrets=secrets))
    if DOWNLOAD in request.query_params:
        answer = file_answers.response(request, await body.of(page_forms.alone(data)))
        kind = "-report" if report else ""
        file = quote(f"{name.rsplit('/', 1)[-1]}{kind}.html", safe="")
        answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{file}"
        return answer
    shown = await body.of(page_forms.below(data, root_of(request.scope)))
    return file_answers.response(request, shown)


def _is_alone(request: Request) -> bool:
    """Whether a person opens the page in a window of its own; programs get the page itself."""
    if {FRAMED, DOWNLOAD} & request.query_params.keys():
        return False
    destination = request.headers.get("sec-fetch-dest", "document")
    return destination == "document" and "text/html" in request.headers.get("accept", "")


def _frame(request: Request, execution: Execution, name: str, secrets: Collection[str]) -> Response:
    query = request.url.query
    source = escape(f"?{query}&{FRAMED}" if query else f"?{FRAMED}")
    title = escape(page_head.title(execution, name))
    html = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style><script>{_SCRIPT}</script></head><body>"
        f"{page_head.head(execution, name, secrets=secrets, target=source)}"
        f'<iframe name="notebook" title="{escape(name)}" sandbox="{file_answers.ALLOWED}"'
        f' src="{source}"></iframe></body></html>\n'
    )
    headers = {
        "Content-Security-Policy": _policy(request),
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Sec-Fetch-Dest",
    }
    return Response(html.encode("utf-8", "replace"), media_type="text/html", headers=headers)


def _policy(request: Request) -> str:
    path = quote(f"{root_of(request.scope)}{_path(request)}", safe="/%")
    host = file_answers.host_of(request)
    framed = f"{host}{path}" if host else "'self'"
    return (
        f"default-src 'none'; script-src {_hash(_SCRIPT)}; style-src {_hash(_STYLE)};"
        f" frame-src {framed}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )


def _path(request: Request) -> str:
    """Return the path below the root, as it was written."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    path = bytes(raw).partition(b"?")[0].decode("latin-1")
    return path.removeprefix(root_of(request.scope))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
