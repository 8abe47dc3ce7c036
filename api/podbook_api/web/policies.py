"""What each kind of page may load, run and be framed by."""

import re
from collections.abc import Sequence
from typing import Final

from starlette.requests import Request

from podbook_api.artifacts import file_answers
from podbook_api.http.paths import base_url

# A host name or address with its port: nothing else gets into a header of ours.
_AUTHORITY: Final = re.compile(r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")

_ALWAYS: Final = {
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def shell(request: Request, embedders: Sequence[str] = ()) -> dict[str, str]:
    """Return the headers of a page of ours: its own scripts alone, and one frame.

    embedders are the origins that may show it inside a page of theirs.
    """
    around = " ".join(embedders) or "'none'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
        f" connect-src 'self'; font-src 'self'; frame-src {_frame(request)}; base-uri 'none';"
        f" form-action 'none'; frame-ancestors {around}"
    )
    return {**_ALWAYS, "Content-Security-Policy": policy, "Cache-Control": "no-cache"}


def frame(request: Request, embedders: Sequence[str] = ()) -> dict[str, str]:
    """Return the headers of the frame: an origin of its own, framed by this one alone.

    Every page around it counts: those that may show a report as well.
    """
    around = " ".join(("'self'", *embedders))
    policy = f"{file_answers.sandbox(request)}; frame-ancestors {around}"
    own = {key: value for key, value in _ALWAYS.items() if "Opener" not in key}
    headers = {**own, **file_answers.UNTOLD}
    return {**headers, "Content-Security-Policy": policy, "Cache-Control": "no-cache"}


def assets() -> dict[str, str]:
    """Return the headers of a file whose name changes with its content."""
    return {**_ALWAYS, "Cache-Control": "public, max-age=31536000, immutable"}


def _frame(request: Request) -> str:
    """Name the frame's path: what a notebook drew must not lead its frame anywhere else."""
    base = base_url(request.scope)
    authority = _AUTHORITY.match(base)
    return f"{authority[0]}{_safe(base[authority.end() :])}/frame" if authority else "'none'"


def _safe(prefix: str) -> str:
    return prefix if re.fullmatch(r"[A-Za-z0-9/._~-]*", prefix) else ""
