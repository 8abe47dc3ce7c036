"""What to paste where, for each client that agents run in."""

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from podbook_cli.exits import BadInput

# Never the token itself: what is pasted ends up in files and histories.
_HEADER: Final = "Authorization: Bearer $PODBOOK_TOKEN"


def _claude_code(url: str, is_asked: bool) -> str:
    header = f' --header "{_HEADER}"' if is_asked else ""
    return f"claude mcp add --transport http podbook {url}{header}"


def _codex(url: str, is_asked: bool) -> str:
    token = " --bearer-token-env-var PODBOOK_TOKEN" if is_asked else ""
    return f"codex mcp add podbook --url {url}{token}"


def _gemini(url: str, is_asked: bool) -> str:
    header = f' --header "{_HEADER}"' if is_asked else ""
    return f"gemini mcp add --transport http{header} podbook {url}"


def _vscode(url: str, is_asked: bool) -> str:
    server: dict[str, object] = {"name": "podbook", "type": "http", "url": url}
    if is_asked:
        server["headers"] = {"Authorization": "Bearer ${env:PODBOOK_TOKEN}"}
    return f"code --add-mcp {shlex.quote(json.dumps(server))}"


def _cursor(url: str, is_asked: bool) -> str:
    server: dict[str, object] = {"url": url}
    if is_asked:
        server["headers"] = {"Authorization": "Bearer ${env:PODBOOK_TOKEN}"}
    return f"in .cursor/mcp.json:\n{json.dumps({'mcpServers': {'podbook': server}}, indent=2)}"


def _url(url: str, is_asked: bool) -> str:
    return f"{url}\n{_HEADER}" if is_asked else url


CLIENTS: Final[dict[str, Callable[[str, bool], str]]] = {
    "claude-code": _claude_code,
    "codex": _codex,
    "gemini": _gemini,
    "vscode": _vscode,
    "cursor": _cursor,
    "other": _url,
}


def show(base: str, folder: Path, *, client: str | None, has_token: bool) -> None:
    """Print what to paste: for one client alone, or for each."""
    url = f"{base.rstrip('/')}/mcp"
    if client is not None and client not in {*CLIENTS, "claude-desktop"}:
        known = ", ".join([*CLIENTS, "claude-desktop"])
        raise BadInput(f"no client is called {client!r} here; there are: {known}")
    lines = {name: line(url, has_token) for name, line in CLIENTS.items()}
    lines["claude-desktop"] = f"in claude_desktop_config.json:\n{_started(folder)}"
    if client is not None:
        sys.stdout.write(f"{lines[client]}\n")
        return
    for name, text in lines.items():
        sys.stdout.write(f"{name}\n")
        sys.stdout.write("".join(f"  {line}\n" for line in text.splitlines()))


def _started(folder: Path) -> str:
    """Return the configuration of a client that starts its servers itself."""
    command = {"command": sys.executable, "args": _stdio(folder)}
    return json.dumps({"mcpServers": {"podbook": command}}, indent=2)


def _stdio(folder: Path) -> list[str]:
    return ["-m", "podbook_cli", "mcp", "--stdio", str(folder)]
