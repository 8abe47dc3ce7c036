"""Shows Git what a Secret holds: a key for ssh, or a token or a name and a password for HTTPS."""

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

# As Secrets of the types kubernetes.io/ssh-auth and kubernetes.io/basic-auth name them.
_KEY: Final = "ssh-privatekey"
_HOSTS: Final = "known_hosts"
_USERNAME: Final = "username"
_PASSWORD: Final = "password"
_TOKEN: Final = "token"
_AUTHORITY: Final = "ca.crt"

# Forges take any name beside a token; this one all of them.
_ANYBODY: Final = "x-access-token"
_ASKED: Final = """#!/bin/sh
case "$1" in
Username*) {username} ;;
*) cat '{password}' ;;
esac
"""


class NoCredentials(Exception):
    """The Secret does not hold what the URL needs; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A folder with the keys of the Secret as files; None for a repository that anybody reads."""

    folder: Path | None = None

    def check(self, url: str) -> None:
        """Raise NoCredentials where the URL needs something else than what is there."""
        if urlsplit(url).password is not None:
            raise NoCredentials("a URL holds no password: put it into credentialsSecret")
        is_ssh = url.startswith("ssh://") or ("://" not in url and ":" in url)
        if not is_ssh:
            if self._has(_USERNAME) and not (self._has(_PASSWORD) or self._has(_TOKEN)):
                raise NoCredentials(f"credentialsSecret has a {_USERNAME}, and no {_PASSWORD}")
            return
        for name in (_KEY, _HOSTS):
            if not self._has(name):
                raise NoCredentials(
                    f"{url} is reached by ssh: credentialsSecret needs the key {name!r}"
                )

    def environment(self, work: Path) -> dict[str, str]:
        """Return what git is started with; work is a folder for a program that git asks.

        They are read anew each time: a Secret that is renewed holds from the next fetch on.
        """
        if self.folder is None:
            return {}
        found = {}
        if self._has(_AUTHORITY):
            found["GIT_SSL_CAINFO"] = str(self.folder / _AUTHORITY)
        if self._has(_KEY):
            found["GIT_SSH_COMMAND"] = self._ssh(self._usable_key(work))
        if self._has(_TOKEN) or self._has(_PASSWORD):
            found["GIT_ASKPASS"] = str(self._program(work))
        return found

    def _has(self, name: str) -> bool:
        return self.folder is not None and (self.folder / name).is_file()

    def _usable_key(self, work: Path) -> Path:
        """Return the key as ssh takes it: the last end of a line is lost in many a Secret.

        ssh says `error in libcrypto` then, and of ends of lines as on Windows.
        """
        assert self.folder is not None
        given = self.folder / _KEY
        data = given.read_bytes()
        mended = data.replace(b"\r\n", b"\n").rstrip() + b"\n"
        if data == mended:
            return given
        key = work / "key"
        key.unlink(missing_ok=True)
        key.touch(mode=stat.S_IRUSR | stat.S_IWUSR)
        key.write_bytes(mended)
        return key

    def _ssh(self, key: Path) -> str:
        options = {
            "BatchMode": "yes",
            "IdentitiesOnly": "yes",
            # Who answers for the host is what the Secret says, and nobody else.
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": f"{self.folder}/{_HOSTS}",
            "GlobalKnownHostsFile": "/dev/null",
            "ConnectTimeout": "30",
        }
        words = [f"-o {name}={value}" for name, value in options.items()]
        return " ".join(["ssh -F /dev/null", f"-i '{key}'", *words])

    def _program(self, work: Path) -> Path:
        """Write what git asks for a name and a password; it holds neither of them."""
        username = (
            f"cat '{self.folder}/{_USERNAME}'" if self._has(_USERNAME) else f"echo {_ANYBODY}"
        )
        password = f"{self.folder}/{_TOKEN if self._has(_TOKEN) else _PASSWORD}"
        program = work / "asked"
        program.write_text(_ASKED.format(username=username, password=password))
        program.chmod(stat.S_IRWXU)
        return program
