"""What the API can be told by environment variables, all beginning with PODBOOK_."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from podbook_crds.formats.log_lines import LogFormat
from podbook_crds.names import ORIGIN_PATTERN

_HEADER: Final = re.compile(r"[A-Za-z0-9-]*")
_ORIGIN: Final = re.compile(ORIGIN_PATTERN)
_MEANT_OTHERWISE: Final = {"authorization", "cookie", "host", "origin"}


class AuthMode(StrEnum):
    """Who may call: this machine, the holder of one token, or whom the cluster's RBAC lets in."""

    LOOPBACK = "loopback"
    TOKEN = "token"
    KUBERNETES = "kubernetes"


def _split(value: str | list[str]) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else value
    return [part.strip() for part in parts if part.strip()]


def _header(name: str) -> str:
    if not _HEADER.fullmatch(name) or name.lower() in _MEANT_OTHERWISE:
        raise ValueError(f"{name!r} is no header that a proxy could say in who calls")
    return name


def _origins(values: list[str]) -> list[str]:
    for value in values:
        if not _ORIGIN.fullmatch(value):
            raise ValueError(
                f"{value[:100]!r} is no origin; write scheme, host and, where it is not the"
                " usual one, port: https://apps.example.com"
            )
    return values


CommaSeparated = Annotated[str | list[str], NoDecode, AfterValidator(_split)]
Origins = Annotated[str | list[str], NoDecode, AfterValidator(_split), AfterValidator(_origins)]
HeaderName = Annotated[str, AfterValidator(_header)]


class Settings(BaseSettings):
    """The API's settings; durations in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix="PODBOOK_", extra="ignore")

    log_format: LogFormat = LogFormat.TEXT
    kubeconfig: Path | None = Field(default=None, validation_alias="KUBECONFIG")
    namespace: str = "default"

    api_host: str = "127.0.0.1"
    api_port: int = 5050
    intake_host: str = "127.0.0.1"
    intake_port: int = 5051
    # The users' port once more, with TLS; its files are read again when they change. gRPC is served
    # with the same, and not without it.
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_host: str = "127.0.0.1"
    tls_port: int = 5443
    # With these the intake speaks TLS, and nothing else.
    intake_tls_certificate: Path | None = None
    intake_tls_key: Path | None = None
    # For Prometheus, on a port of its own: it asks for no token. 0 serves none.
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    # jupyrest's gRPC surface; without a port there is none. 50051 is what its clients expect.
    grpc_host: str = "127.0.0.1"
    grpc_port: int | None = None
    # A folder as file:///path, or s3://, gs://, az:// with the provider's own variables.
    store: str = "file:///var/lib/podbook"

    # A file that is there while the catalog is read for the first time: what is not found then is
    # no 404 yet. Written by `podbook up`.
    catalog_pending: Path | None = None

    auth: AuthMode = AuthMode.LOOPBACK
    auth_token_file: Path | None = None
    # Names, besides this machine's own, that a Host header may hold.
    allowed_hosts: CommaSeparated = Field(default_factory=list)
    # Origins whose pages may use the API, exactly as a browser says them: https://apps.example.com.
    allowed_origins: Origins = Field(default_factory=list)
    # Who gives out tokens that the cluster takes, for agents that ask for one by themselves.
    authorization_servers: CommaSeparated = Field(default_factory=list)
    # An issuer whose tokens are checked here, for clusters that do not know it; the rest as
    # kube-apiserver has it: without a prefix a name gets the issuer's, "-" is none.
    oidc_issuer: str = ""
    oidc_audience: str = ""
    oidc_username_claim: str = Field(default="sub", min_length=1)
    oidc_username_prefix: str = ""
    oidc_groups_claim: str = ""
    oidc_groups_prefix: str = ""
    oidc_ca_file: Path | None = None
    # Origins whose pages may show those below /reports in a frame.
    embed_origins: Origins = Field(default_factory=list)
    # What a proxy in front puts before every path.
    root_path: str = ""
    # Addresses whose X-Forwarded-Proto, -Host and -Prefix are believed.
    trusted_proxies: CommaSeparated = Field(default_factory=list)
    # The headers in which they say who calls; one that has no name here is dropped, whoever sends
    # it. The proxy has to set or remove both on every request.
    forwarded_user_header: HeaderName = ""
    forwarded_groups_header: HeaderName = ""
    # What they show in X-Podbook-Proxy-Secret beside; without it nobody is believed.
    forwarded_secret_file: Path | None = None

    # Whether notebooks may come with their call, beside those of the catalog.
    inline: bool = True

    # What a notebook runs in that names no image, as the operator has it: where it is another one,
    # no answer of before is given again.
    kernel_image: str = ""

    # The operator's own configuration, for the most that an execution may ask for: a call that asks
    # for more is refused at once. Read again when it changes.
    operator_config: Path | None = None

    # Whether notebooks may be pushed and deleted over REST, by whom RBAC lets do it.
    catalog_push: bool = False
    # The account of the loader that follows a Git repository: it may push without that, and only
    # it may say that Git keeps a notebook. The ConfigMap in which it tells how that stands.
    catalog_git_account: str = ""
    catalog_status: str = ""

    body_limit: int = 16 * 1024 * 1024
    artifact_limit: int = 512 * 1024 * 1024
    # Beyond so many queued executions new ones are answered with 429.
    queue_limit: int = 5000
    # A call of jupyrest's README that waits longer is sent a blank now and then.
    silence_seconds: float = Field(default=15, gt=0)
    # Kernel names that callers of the Noteburst surface send, in small letters, and the kernels
    # they mean here; an empty one means the kernel of the notebook's language.
    kernel_aliases: dict[str, str] = Field(default_factory=lambda: {"lsst": ""})
    render_processes: int = Field(default=2, ge=1)
    # For contracts of which it cannot be told beforehand that checking by them takes no time, and
    # how long one such check may take.
    check_processes: int = Field(default=2, ge=1)
    check_seconds: int = Field(default=5, ge=1)
    # Whether pods that were made before a call are served: they need more rights on pods.
    warm: bool = True
    # A tool's call is answered with a handle after so long: clients give up after a minute or more,
    # and each progress that they are told of begins that anew.
    mcp_wait_seconds: float = Field(default=50, gt=0, le=240)
    mcp_progress_seconds: float = Field(default=10, gt=0, le=15)
    # So long after a call ended the same one again may be its repetition.
    mcp_repeat_seconds: float = Field(default=60, ge=0)
    # More notebooks than this are no tools of their own, unless they say so.
    mcp_tools: int = Field(default=40, ge=0)
    sweep_seconds: int = Field(default=3600, ge=1)

    @model_validator(mode="after")
    def _certificates_have_keys(self) -> Self:
        for of, certificate, key in (
            ("PODBOOK_TLS", self.tls_certificate, self.tls_key),
            ("PODBOOK_INTAKE_TLS", self.intake_tls_certificate, self.intake_tls_key),
        ):
            if (certificate is None) != (key is None):
                raise ValueError(f"{of}_CERTIFICATE and {of}_KEY go together: name both files")
        return self

    @model_validator(mode="after")
    def _groups_are_somebodys(self) -> Self:
        if self.forwarded_groups_header and not self.forwarded_user_header:
            raise ValueError(
                "PODBOOK_FORWARDED_GROUPS_HEADER needs PODBOOK_FORWARDED_USER_HEADER: groups are"
                " those of the user that the proxy names"
            )
        if self.oidc_issuer and self.auth is not AuthMode.KUBERNETES:
            raise ValueError(
                "PODBOOK_OIDC_ISSUER needs PODBOOK_AUTH=kubernetes: what its users may do is RBAC's"
            )
        if self.forwarded_user_header and self.forwarded_secret_file is None:
            raise ValueError(
                "PODBOOK_FORWARDED_USER_HEADER needs PODBOOK_FORWARDED_SECRET_FILE: an address"
                " alone does not show that it is the proxy that says who calls"
            )
        return self
