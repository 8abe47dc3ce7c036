"""What the doctor saw: values, so that every rule can be tried without an installation."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class SeenNotebook:
    """A notebook as the server lists it."""

    id: str
    ready: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SeenServer:
    """Podbook's API, as a caller meets it."""

    url: str
    # Why there was no answer, or none but a refusal.
    error: str = ""
    # Of that refusal.
    status: int | None = None
    is_ready: bool = True
    says: str = ""
    version: str = ""
    # Seconds by which its clock is ahead of this machine's.
    ahead_seconds: float | None = None
    # The answer of /v1/health; None from a server that has none.
    health: dict[str, Any] | None = None
    notebooks: tuple[SeenNotebook, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenDefinition:
    """A definition in the cluster beside the one that this command line ships."""

    name: str
    is_there: bool = True
    is_established: bool = True
    # Fields that only the shipped one has, and only that of the cluster.
    lacks: tuple[str, ...] = ()
    has_more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenPart:
    """A Deployment of Podbook's."""

    name: str
    component: str
    version: str
    wanted: int
    ready: int
    # What its pods say of why they are not.
    says: str = ""


@dataclass(frozen=True, slots=True)
class SeenLease:
    """Who of the operators works."""

    name: str
    holder: str
    # Since it was renewed, by the cluster's clock; None where it never was.
    age_seconds: float | None
    duration_seconds: int


@dataclass(frozen=True, slots=True)
class SeenPod:
    """A pod of a run that has not begun, in the words of scheduler or kubelet."""

    name: str
    notebook: str
    # Unschedulable, ImagePullBackOff, …
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class SeenQuota:
    """A resource of a ResourceQuota of which nothing is left."""

    name: str
    resource: str
    used: str
    hard: str


@dataclass(frozen=True, slots=True)
class SeenKernel:
    """What would start a notebook's kernel; argv is empty where nothing is known."""

    notebook: str
    language: str
    kernel: str
    argv: tuple[str, ...]
    # Whether this machine, where it runs on it, has the program.
    is_installed: bool = True


@dataclass(frozen=True, slots=True)
class SeenCluster:
    """The Kubernetes API behind the server, embedded or real."""

    place: str
    # Of Podbook's own parts, and of the runs.
    namespace: str
    runs: str
    is_embedded: bool = False
    error: str = ""
    # What could not be looked at, by name, with the refusal.
    unseen: dict[str, str] = field(default_factory=dict)
    ahead_seconds: float | None = None
    definitions: tuple[SeenDefinition, ...] = ()
    # Policies of ours that are not there.
    lacking_policies: tuple[str, ...] = ()
    # What the account may not do of what commands need: "create notebookexecutions".
    lacking_rights: tuple[str, ...] = ()
    parts: tuple[SeenPart, ...] = ()
    lease: SeenLease | None = None
    pods: tuple[SeenPod, ...] = ()
    quotas: tuple[SeenQuota, ...] = ()
    # Claims of the store that are bound to no volume, with their phase.
    unbound_claims: tuple[tuple[str, str], ...] = ()
    kernels: tuple[SeenKernel, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenLaptop:
    """A `podbook up`, or the folder that one would serve."""

    folder: str
    data: str
    is_served: bool
    # Why the data folder cannot be written.
    data_error: str = ""
    free_bytes: int | None = None
    # Why `podbook up` would find no port; empty where it would.
    port_error: str = ""
    # Why it would find no Python for the kernels, or what of Podbook is not installed.
    python_error: str = ""
    # Parts that do not run, each with the file of its log.
    ended_parts: tuple[tuple[str, str], ...] = ()
    # Why the operator of this machine is not ready.
    operator_error: str = ""
