"""Finds out which commit of which repository a folder is, for people who look back."""

import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from podbook_crds.resources.pushed import Origin

_SECONDS: Final = 10.0
_LONGEST: Final = 512


def origin_of(folder: Path) -> Origin | None:
    """Return what Git says of the folder; None where it is in no repository, or there is no Git."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return None
    ref = _git(folder, "rev-parse", "--abbrev-ref", "HEAD")
    changes = _git(folder, "status", "--porcelain", "--", ".")
    return Origin(
        repository=without_password(_git(folder, "config", "--get", "remote.origin.url")),
        ref=None if ref in (None, "HEAD") else ref,
        commit=commit,
        path=(_git(folder, "rev-parse", "--show-prefix") or "").rstrip("/") or None,
        dirty=None if changes is None else bool(changes),
    )


def without_password(url: str | None) -> str | None:
    """Return a URL without name and password: who looks at versions need not know them."""
    if not url or "://" not in url:
        return url and url[:_LONGEST]
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))[:_LONGEST]


def _git(folder: Path, *words: str) -> str | None:
    # Nothing of the repository's own is run: no hooks, no monitors of files.
    command = ["git", "-C", str(folder), "-c", "core.fsmonitor=false", *words]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()[:_LONGEST] if done.returncode == 0 else None
