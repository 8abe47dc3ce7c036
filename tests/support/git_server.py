"""Serves Git repositories over HTTP by git's own program, to whoever shows the password."""

import base64
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "team",
    "GIT_AUTHOR_EMAIL": "team@example.org",
    "GIT_COMMITTER_NAME": "team",
    "GIT_COMMITTER_EMAIL": "team@example.org",
}


def git(folder: Path, *words: str) -> str:
    """Run git in a folder, as somebody of the team; return what it says."""
    environment = {**os.environ, **QUIET}
    done = subprocess.run(
        ["git", *words], cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@dataclass
class Team:
    """A working copy of a repository, whose pushes are seen by who follows it."""

    folder: Path
    bare: Path

    def commit(self, *, files: Mapping[str, str | None], force: bool = False) -> str:
        """Write files, None takes one away; commit, push, and return the commit.

        force: in the place of everything that was there.
        """
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink() if text is None else path.write_text(text)
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", *(["--amend"] if force else []), "--message", "work")
        git(self.folder, "push", "--quiet", "--force", "origin", "main")
        return git(self.folder, "rev-parse", "HEAD")


def team(root: Path, name: str) -> Team:
    """Return an empty repository below root, and a working copy of it."""
    bare, folder = root / "repositories" / f"{name}.git", root / f"{name}-working"
    for path in (bare, folder):
        path.mkdir(parents=True)
    git(bare, "init", "--quiet", "--bare", "--initial-branch=main")
    git(bare, "config", "http.receivepack", "false")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "remote", "add", "origin", str(bare))
    return Team(folder, bare)


@dataclass
class GitServer:
    """Where it is, and what it wants to be shown: an empty password is none."""

    url: str
    password: str = ""
    is_broken: bool = False


class _Backend(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: ClassVar[GitServer]
    root: ClassVar[Path]

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, body: bytes) -> None:
        shown = self.headers.get("Authorization", "").removeprefix("Basic ")
        known = base64.b64decode(shown).decode().partition(":")[2]
        if self.state.is_broken:
            self._send(503, [], b"broken")
        elif known != self.state.password:
            self._send(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
        else:
            self._send(*_of_backend(self.root, self, body))

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(root: Path, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[GitServer]:
    """Serve what is below root/repositories for the length of a `with` block."""
    state = GitServer("")
    handler = type("Backend", (_Backend,), {"state": state, "root": root})
    server = ThreadingHTTPServer((host, port), handler)
    state.url = f"http://{host}:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def _of_backend(
    root: Path, request: BaseHTTPRequestHandler, body: bytes
) -> tuple[int, list[tuple[str, str]], bytes]:
    path, _, query = request.path.partition("?")
    environment = {
        **os.environ,
        **QUIET,
        "GIT_PROJECT_ROOT": str(root / "repositories"),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": request.command,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
    }
    done = subprocess.run(
        ["git", "http-backend"], input=body, env=environment, check=True, capture_output=True
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    parted = (line.partition(": ") for line in head.decode().splitlines())
    headers = {name: value for name, _, value in parted}
    status = int(headers.pop("Status", "200").split()[0])
    return status, list(headers.items()), content
