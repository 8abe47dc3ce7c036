"""Fetches what a ref of a Git repository is now; the one module that runs git here.

Nothing of the repository is run: no hooks, no filters, no submodules; and no link in it leads out.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from podbook_catalog.pushing.following.credentials import Credentials

_FETCH_SECONDS: Final = 300.0
_LOCAL_SECONDS: Final = 120.0
_SAID: Final = 500
# Only the newest commit is wanted: what was fetched before it goes as soon as there is much of it.
_SETTINGS: Final = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "gc.auto": "500",
    "gc.autoDetach": "false",
    "gc.autoPackLimit": "10",
    "gc.pruneExpire": "now",
}
_ADVICE: Final = ("hint:", "Please make sure", "and the repository exists")
_REF: Final = "refs/podbook/followed"


class GitFailed(Exception):
    """The repository cannot be fetched or read; the message says why."""


@dataclass(frozen=True, slots=True)
class Repository:
    """One ref of a remote repository, and a folder for what is fetched of it."""

    url: str
    ref: str
    folder: Path
    credentials: Credentials

    def fetch(self) -> str:
        """Return the commit that the ref is now; raises GitFailed.

        Whatever it was before: a branch that was pushed by force is fetched like any other.
        """
        if not (self._git_dir / "HEAD").exists():
            self._git("init", "--quiet", "--bare", str(self._git_dir), seconds=_LOCAL_SECONDS)
        self._git(
            *("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--force"),
            *(self.url, f"+{self.ref}:{_REF}"),
            seconds=_FETCH_SECONDS,
        )
        return self._git("rev-parse", "--verify", f"{_REF}^{{commit}}", seconds=_LOCAL_SECONDS)

    def check_out(self, commit: str) -> tuple[Path, list[str]]:
        """Return the files of the commit, and the links that were left out; raises GitFailed.

        They stay until the next one is checked out.
        """
        trees = self.folder / "trees"
        tree = trees / commit / self.name
        shutil.rmtree(trees, ignore_errors=True)
        tree.mkdir(parents=True)
        at = {"GIT_INDEX_FILE": str(self.folder / "index"), "GIT_WORK_TREE": str(tree)}
        self._git("read-tree", commit, seconds=_LOCAL_SECONDS, more=at)
        self._git("checkout-index", "--all", "--force", seconds=_LOCAL_SECONDS, more=at)
        return tree, links_that_lead_out(tree)

    @property
    def name(self) -> str:
        """What the repository is called: the last part of its URL."""
        last = self.url.rstrip("/").replace(":", "/").rpartition("/")[2]
        return last.removesuffix(".git").strip("-_. ") or "notebooks"

    @property
    def _git_dir(self) -> Path:
        return self.folder / "repository.git"

    def _git(self, *words: str, seconds: float, more: Mapping[str, str] | None = None) -> str:
        options = [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]
        self.folder.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(
            ["git", f"--git-dir={self._git_dir}", *options, *words],
            cwd=self.folder,
            env={**self._environment(), **(more or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # With what it starts, ssh or a helper for HTTPS, when it takes too long.
            start_new_session=True,
        )
        try:
            said, complaint = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise GitFailed(f"git {words[0]} did not end within {seconds:.0f} s") from None
        if process.returncode:
            raise GitFailed(f"git {words[0]}: {_last(complaint) or process.returncode}")
        return said.strip()

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_LFS_SKIP_SMUDGE": "1",
            # Not `ext`, which is a program, and not `file`, which is this machine's.
            "GIT_ALLOW_PROTOCOL": "https:http:ssh:git",
            **self.credentials.environment(self.folder),
        }


def links_that_lead_out(tree: Path) -> list[str]:
    """Take the links out of a tree that lead out of it; return their paths, sorted.

    Who may write to the repository could else have the loader's own token served as a file.
    """
    root = tree.resolve()
    left_out = []
    for folder, folders, files in os.walk(tree):
        for name in (*folders, *files):
            path = Path(folder, name)
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                path.unlink()
                left_out.append(PurePosixPath(path.relative_to(tree)).as_posix())
    return sorted(left_out)


def _last(complaint: str) -> str:
    """Return what git and the program under it say, ssh for one, without good advice."""
    lines = [line.strip() for line in complaint.splitlines()]
    said = (line for line in lines if line and not line.startswith(_ADVICE))
    return " ".join(said)[-_SAID:]
