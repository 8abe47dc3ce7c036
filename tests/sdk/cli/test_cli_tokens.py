"""A token comes from a file or the environment; on a command line others see it, and it says so."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest


class Server:
    """Answers an empty list to everybody, and keeps what was shown."""

    def __init__(self) -> None:
        self.shown: list[str | None] = []
        shown = self.shown

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shown.append(self.headers["Authorization"])
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b'{"items": [], "continue": null}')

            def log_message(self, *_: object) -> None:
                return

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever)
    thread.start()
    yield server
    server.http.shutdown()
    thread.join()
    server.http.server_close()


def cli(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "podbook_cli", *arguments]
    return subprocess.run(
        command,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_token_on_the_command_line_works_with_a_warning(server: Server) -> None:
    done = cli("list", "--url", server.url, "--token", "secret")

    assert (done.returncode, server.shown) == (0, ["Bearer secret"])
    assert "PODBOOK_TOKEN" in done.stderr
    assert "--token-file" in done.stderr
    assert "secret" not in done.stderr


def test_a_file_and_the_environment_need_none(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("of-a-file\n")

    first = cli("list", "--url", server.url, "--token-file", str(file), PODBOOK_TOKEN="other")
    second = cli("list", "--url", server.url, PODBOOK_TOKEN="of-the-environment")

    assert server.shown == ["Bearer of-a-file", "Bearer of-the-environment"]
    assert (first.stderr, second.stderr) == ("", "")


@pytest.mark.parametrize("content", [None, b"", b"\n", b"two words", b"\xff", "é".encode()])
def test_a_file_without_a_token_is_bad_input(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)

    for command in (("list", "--url", "http://127.0.0.1:9"), ("up", str(tmp_path))):
        done = cli(*command, "--token-file", str(file))

        assert (done.returncode, str(file) in done.stderr) == (2, True), done.stderr
        assert "Traceback" not in done.stderr
