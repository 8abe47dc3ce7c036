"""What `podbook up` is told on its command line."""

import ipaddress
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from podbook_crds.names import ORIGIN_PATTERN

DEFAULT_PORT: Final = 5050
LOOPBACK: Final = "127.0.0.1"


class BadOption(ValueError):
    """An option cannot be used; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of `podbook up`, with their defaults."""

    folder: Path
    # 0 takes any free port.
    port: int = DEFAULT_PORT
    # None is a folder of the catalog's own below the user's data folder; see data_folder.
    data_dir: Path | None = None
    python: Path | None = None
    # How many executions run at once; None is podbook.toml's, else as many as the machine has CPUs.
    slots: int | None = None
    host: str = LOOPBACK
    token: str | None = None
    allowed_hosts: list[str] = field(default_factory=list)
    # Origins whose pages may use the API.
    allowed_origins: list[str] = field(default_factory=list)
    # Whose pages may show reports in a frame.
    embed_origins: list[str] = field(default_factory=list)
    # Where the old gRPC surface listens, on the same address; None leaves it off, 0 takes any.
    grpc_port: int | None = None
    # A notebook to run once when all is ready.
    example: str | None = None
    # Whether a browser is shown the first page when all is ready.
    is_opened: bool = False
    # Whether runs, reloads and what is mended go untold; faults are told in any case.
    quiet: bool = False
    # For tests and measurements: the embedded cluster counts requests, and breaks them on demand.
    enable_faults: bool = False
    # The process with which it ends: that of a command that needs a server for itself alone.
    parent: int | None = None

    def check(self) -> None:
        """Raise BadOption where the options do not go together."""
        if not self.folder.is_dir():
            what = "a file; name its folder" if self.folder.exists() else "not there"
            raise BadOption(f"{self.folder} is {what}")
        if not os.access(self.folder, os.R_OK | os.X_OK):
            raise BadOption(f"{self.folder} may not be read by you; see its permissions")
        for origin in self.allowed_origins:
            if not re.fullmatch(ORIGIN_PATTERN, origin):
                raise BadOption(
                    f"--allow-origin {origin} is no origin; write scheme and host as a browser"
                    " says them, such as https://apps.example.com"
                )
        if not is_loopback(self.host) and not self.token:
            raise BadOption(
                f"--host {self.host} lets others reach this machine's Python:"
                " it needs --token-file FILE, or PODBOOK_TOKEN"
            )


def is_loopback(host: str) -> bool:
    """Tell whether the address is this machine's own, out of reach for others."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
