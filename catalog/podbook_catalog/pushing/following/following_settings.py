"""What the loader is told by environment variables: which repository, and which server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

_REF: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+@-]*")


class Unusable(ValueError):
    """A setting cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class FollowingSettings:
    """Durations in seconds."""

    url: str
    ref: str
    # The folder of notebooks in the repository; empty for the repository itself.
    path: str
    server: str
    namespace: str
    # Of the ConfigMap, in that namespace, that tells how it stands.
    told_in: str
    work: Path
    token_file: Path | None = None
    credentials: Path | None = None
    # The authority of the server's certificate; None, or no such file: those of the machine.
    authority: Path | None = None
    kubeconfig: Path | None = None
    interval: float = 60.0
    # All or nothing: one notebook that cannot run keeps the others as they were, too.
    strict: bool = False
    allow_breaking: bool = True
    take_over: bool = False
    port: int = 8080


def read(environment: Mapping[str, str]) -> FollowingSettings:
    """Return the settings; raises Unusable."""

    def said(name: str, default: str | None = None) -> str:
        value = environment.get(f"PODBOOK_{name}", "") or default
        if value is None:
            raise Unusable(f"PODBOOK_{name} is not set")
        return value

    def file(name: str) -> Path | None:
        value = environment.get(name, "")
        return Path(value) if value else None

    return FollowingSettings(
        url=_url(said("GIT_URL")),
        ref=_ref(said("GIT_REF", "HEAD")),
        path=_path(said("GIT_PATH", "")),
        server=said("URL"),
        namespace=said("NAMESPACE"),
        told_in=said("CATALOG_STATUS"),
        work=Path(said("CATALOG_WORK", "/work")),
        token_file=file("PODBOOK_TOKEN_FILE"),
        credentials=file("PODBOOK_GIT_CREDENTIALS"),
        authority=file("PODBOOK_CA_FILE"),
        kubeconfig=file("KUBECONFIG"),
        interval=_seconds(said("GIT_INTERVAL_SECONDS", "60")),
        strict=said("GIT_STRICT", "false") == "true",
        allow_breaking=said("GIT_ALLOW_BREAKING", "true") == "true",
        take_over=said("GIT_TAKE_OVER", "false") == "true",
        port=int(said("CATALOG_PORT", "8080")),
    )


def _url(text: str) -> str:
    if text.startswith("-") or "::" in text:
        raise Unusable(f"PODBOOK_GIT_URL: {text!r} is no address of a repository")
    return text


def _ref(text: str) -> str:
    if not _REF.fullmatch(text) or ".." in text:
        raise Unusable(f"PODBOOK_GIT_REF: {text!r} is no branch, tag or commit")
    return text


def _path(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts:
        raise Unusable(f"PODBOOK_GIT_PATH: {text!r} is no folder in the repository")
    return "" if path == PurePosixPath() else path.as_posix()


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds < float("inf"):
        raise Unusable(f"PODBOOK_GIT_INTERVAL_SECONDS: {text!r} is no number of seconds, 1 or more")
    return seconds
