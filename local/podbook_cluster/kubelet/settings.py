"""What the kubelet is told from outside."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ENVIRONMENT_PREFIX: Final = "PODBOOK_KUBELET_"
MIB: Final = 1024 * 1024


class MissingSetting(Exception):
    """A setting without a default was not given."""


@dataclass(frozen=True, slots=True)
class KubeletSettings:
    """Where the API server is, where pods live, and how they are treated."""

    # URL of the API server, without a path, and the bearer token for it.
    server: str
    token: str
    # Pods live in <data_dir>/pods/<uid>/; one kubelet at a time holds the folder.
    data_dir: Path
    # First on PATH of every container; see bin_folder.
    bin_dir: Path | None = None
    node_name: str = "laptop"
    # Containers see the kubelet's own environment (without Podbook's variables), then their own.
    inherit_environment: bool = True
    # Whether resources.limits.memory ends a container that exceeds it.
    memory_limits: bool = False
    # Stop as soon as the process that started this one is gone.
    stop_with_parent: bool = False
    # Between SIGTERM and SIGKILL when the kubelet itself is told to stop.
    stop_grace_seconds: float = 1.0
    # Of containers, where it is not to be the kubelet's own, which is -1.
    umask: int = -1
    # How long containers run on without a kubelet before their keeper ends them.
    orphan_grace_seconds: float = 15.0
    # A container's log is rotated at this size; one older file is kept.
    log_limit_bytes: int = 10 * MIB


def from_environment(environ: Mapping[str, str] = os.environ) -> KubeletSettings:
    """Read the settings from PODBOOK_KUBELET_* variables; MissingSetting names an absent one."""

    def required(name: str) -> str:
        value = environ.get(ENVIRONMENT_PREFIX + name)
        if not value:
            raise MissingSetting(f"{ENVIRONMENT_PREFIX}{name} is not set")
        return value

    def flag(name: str, *, default: bool) -> bool:
        return environ.get(ENVIRONMENT_PREFIX + name, str(default)).lower() in {"1", "true", "yes"}

    bin_dir = environ.get(ENVIRONMENT_PREFIX + "BIN_DIR")
    return KubeletSettings(
        server=required("SERVER"),
        token=required("TOKEN"),
        data_dir=Path(required("DATA_DIR")),
        bin_dir=Path(bin_dir) if bin_dir else None,
        node_name=environ.get(ENVIRONMENT_PREFIX + "NODE_NAME", "laptop"),
        inherit_environment=flag("INHERIT_ENVIRONMENT", default=True),
        memory_limits=flag("MEMORY_LIMITS", default=False),
        stop_with_parent=flag("STOP_WITH_PARENT", default=False),
        umask=int(environ.get(ENVIRONMENT_PREFIX + "UMASK", "-1"), 8),
        orphan_grace_seconds=float(environ.get(ENVIRONMENT_PREFIX + "ORPHAN_GRACE_SECONDS", "15")),
    )
