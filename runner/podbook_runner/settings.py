"""What the operator tells the runner, read from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from podbook_crds import names
from podbook_crds.resources.serving.warm import WarmLevel

# What the runner keeps back of the grace period, in seconds: to end before it is killed.
GRACE_MARGIN_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are; paths are relative to the work folder, which is the working directory."""

    intake_url: str
    # PEM text; empty: the authorities that the image knows.
    intake_ca: str
    token_file: Path
    connection_file: Path
    termination_log: Path
    # The outcome stands without its artifacts when the store does not take them for so long.
    upload_seconds: float
    # From SIGTERM until nothing more is tried.
    grace_seconds: float
    # For a kernel that listens, until its first answer.
    start_seconds: float
    # Of a pod that was made before a call: what it prepares, and how long it waits for one.
    warm_level: WarmLevel | None = None
    warm_seconds: float = 0.0

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raises KeyError with the name of a variable that is missing."""
        get = environment.get
        level = get(names.ENV_WARM_LEVEL)
        grace = float(get(names.ENV_GRACE_SECONDS, "30"))
        return cls(
            intake_url=environment[names.ENV_INTAKE_URL],
            intake_ca=get(names.ENV_INTAKE_CA, ""),
            token_file=Path(get(names.ENV_TOKEN_FILE, names.TOKEN_FILE)),
            connection_file=Path(get(names.ENV_CONNECTION_FILE, names.CONNECTION_FILE)),
            termination_log=Path(get(names.ENV_TERMINATION_LOG, names.TERMINATION_FILE)),
            upload_seconds=float(get(names.ENV_UPLOAD_SECONDS, "300")),
            grace_seconds=max(1.0, grace - GRACE_MARGIN_SECONDS),
            start_seconds=float(get(names.ENV_START_SECONDS, "300")),
            warm_level=None if level is None else WarmLevel(level),
            warm_seconds=float(get(names.ENV_WARM_SECONDS, "0")),
        )
