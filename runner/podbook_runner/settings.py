"""What the operator tells the runner, read from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from podbook_crds import names

# Seconds. The outcome stands without its artifacts when the store does not take them for so long.
UPLOAD_TIMEOUT_SECONDS = 300.0
# Seconds from SIGTERM until nothing more is tried: less than the pod's grace period.
GRACE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are; paths are relative to the work folder, which is the working directory."""

    intake_url: str
    token_file: Path
    connection_file: Path
    termination_log: Path
    state_folder: Path
    upload_timeout_seconds: float = UPLOAD_TIMEOUT_SECONDS
    grace_seconds: float = GRACE_SECONDS

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings; raises KeyError with the name of a variable that is missing."""
        return cls(
            intake_url=environment[names.ENV_INTAKE_URL],
            token_file=Path(environment.get(names.ENV_TOKEN_FILE, names.TOKEN_FILE)),
            connection_file=Path(environment.get(names.ENV_CONNECTION_FILE, names.CONNECTION_FILE)),
            termination_log=Path(
                environment.get(names.ENV_TERMINATION_LOG, names.TERMINATION_FILE)
            ),
            state_folder=Path(environment.get(names.ENV_STATE_FOLDER, names.STATE_FOLDER)),
            upload_timeout_seconds=float(
                environment.get("PODBOOK_UPLOAD_TIMEOUT_SECONDS", UPLOAD_TIMEOUT_SECONDS)
            ),
            grace_seconds=float(environment.get("PODBOOK_GRACE_SECONDS", GRACE_SECONDS)),
        )
