"""What the process is told by its environment."""

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from podbook_crds.formats.log_lines import LogFormat


class Settings(BaseSettings):
    """Read from PODBOOK_… variables; see docs/how-to/operations.md."""

    model_config = SettingsConfigDict(env_prefix="PODBOOK_", populate_by_name=True)

    log_format: LogFormat = LogFormat.TEXT
    # Without one, the service account of the pod that the operator itself runs in.
    kubeconfig: Path | None = Field(
        default=None, validation_alias=AliasChoices("kubeconfig", "KUBECONFIG")
    )
    # One or more, separated by commas; "*" serves every namespace.
    namespace: str = "default"
    intake_url: str
    # PEM of who vouches for the intake where it speaks TLS; runners are handed it.
    intake_ca_file: Path | None = None
    runner_image: str
    kernel_image: str
    operator_config: Path | None = None
    # pod: the kernel gets a HOME, a TMPDIR and a /dev/shm of its own; host: those of the machine.
    kernel_home: Literal["pod", "host"] = "pod"
    # Health and metrics; 0 serves neither.
    operator_host: str = "127.0.0.1"
    operator_port: int = 0
    # Name of the Lease that decides between several operators; empty where there is but one.
    lease: str = ""
    lease_namespace: str = "default"

    @property
    def namespaces(self) -> list[str]:
        """The namespaces to serve; empty for every one."""
        listed = [name.strip() for name in self.namespace.split(",") if name.strip()]
        return [] if "*" in listed else listed
