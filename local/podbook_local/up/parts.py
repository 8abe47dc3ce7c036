"""The command lines and settings of the three processes that `podbook up` starts."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from podbook_catalog.interpreter import Interpreter
from podbook_local.supervisor.health import Question
from podbook_local.supervisor.part import Part
from podbook_local.up.data_folder import DataFolder
from podbook_local.up.manifests import manifests
from podbook_local.up.options import LOOPBACK, Options


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each part listens: the embedded cluster, the API, the intake, the operator's health."""

    cluster: int
    api: int
    intake: int
    operator: int
    # None where the gRPC surface is off.
    grpc: int | None = None


def parts(
    folder: DataFolder,
    ports: Ports,
    options: Options,
    *,
    own_hosts: list[str],
    interpreter: Interpreter,
    environment: Mapping[str, str],
) -> list[Part]:
    """Return cluster, API and operator, as a chart would start them.

    own_hosts are names by which the API answers beside those of the options.
    """
    plain = {k: v for k, v in environment.items() if not k.startswith("PODBOOK_")}
    connected = {**plain, "KUBECONFIG": str(folder.kubeconfig), "PODBOOK_NAMESPACE": "default"}
    # The kernels inherit the cluster's environment: it is the user's own. They do not inherit
    # settings such as PODBOOK_KUBELET_MEMORY_LIMITS.
    cluster = plain | _named(environment, "PODBOOK_KUBELET_")
    # Such as PODBOOK_MCP_WAIT_SECONDS: what agents get, to fit the client that they run in.
    agents = _named(environment, "PODBOOK_MCP_")
    api = connected | agents | _api(folder, ports, options, own_hosts)
    operator = connected | _operator(folder, ports)
    arguments = _cluster_arguments(folder, ports, interpreter)
    if options.enable_faults:
        arguments.append("--enable-faults")
    listening = reached_at(options.host)
    return [
        _part(folder, "cluster", arguments, cluster, Question(LOOPBACK, ports.cluster, "/livez")),
        _part(folder, "api", [], api, Question(listening, ports.api, "/healthz")),
        _part(folder, "operator", [], operator, Question(LOOPBACK, ports.operator, "/healthz")),
    ]


def _named(environment: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {k: v for k, v in environment.items() if k.startswith(prefix)}


def reached_at(host: str) -> str:
    """Return the address on which this machine itself reaches what listens on another."""
    # All addresses: this machine's own is one of them.
    return LOOPBACK if host in {"0.0.0.0", "::"} else host


def _part(
    folder: DataFolder,
    name: str,
    arguments: list[str],
    environment: Mapping[str, str],
    question: Question,
) -> Part:
    module = "podbook_cluster" if name == "cluster" else f"podbook_{name}"
    # -P: a file operator.py or json.py where the user stands must not become ours.
    command = (sys.executable, "-P", "-m", module, *arguments)
    return Part(name, command, environment, folder.logs / f"{name}.log", question)


def _cluster_arguments(folder: DataFolder, ports: Ports, interpreter: Interpreter) -> list[str]:
    return [
        "--data-dir",
        str(folder.cluster),
        "--port",
        str(ports.cluster),
        *(word for path in manifests() for word in ("--manifest", str(path))),
        "--kernel-python",
        str(interpreter.path),
    ]


def _api(
    folder: DataFolder, ports: Ports, options: Options, own_hosts: list[str]
) -> dict[str, str]:
    settings = {
        "PODBOOK_API_HOST": options.host,
        "PODBOOK_API_PORT": str(ports.api),
        "PODBOOK_INTAKE_HOST": "127.0.0.1",
        "PODBOOK_INTAKE_PORT": str(ports.intake),
        "PODBOOK_STORE": folder.store.as_uri(),
        "PODBOOK_OPERATOR_CONFIG": str(folder.operator_config),
        "PODBOOK_CATALOG_PENDING": str(folder.catalog_pending),
        "PODBOOK_ALLOWED_HOSTS": ",".join([*options.allowed_hosts, *own_hosts]),
        "PODBOOK_ALLOWED_ORIGINS": ",".join(options.allowed_origins),
        "PODBOOK_EMBED_ORIGINS": ",".join(options.embed_origins),
        "PODBOOK_AUTH": "loopback",
        # Who may call may bring a notebook along with the call: this lets them do no more.
        "PODBOOK_CATALOG_PUSH": "true",
    }
    if ports.grpc is not None:
        settings |= {"PODBOOK_GRPC_HOST": options.host, "PODBOOK_GRPC_PORT": str(ports.grpc)}
    if folder.api_token.exists():
        settings |= {"PODBOOK_AUTH": "token", "PODBOOK_AUTH_TOKEN_FILE": str(folder.api_token)}
    return settings


def _operator(folder: DataFolder, ports: Ports) -> dict[str, str]:
    return {
        "PODBOOK_INTAKE_URL": f"http://127.0.0.1:{ports.intake}",
        # The process kubelet starts commands, not images; it shows these names and ignores them.
        "PODBOOK_RUNNER_IMAGE": "podbook-runner:local",
        "PODBOOK_KERNEL_IMAGE": "podbook-kernel:local",
        "PODBOOK_OPERATOR_CONFIG": str(folder.operator_config),
        "PODBOOK_OPERATOR_PORT": str(ports.operator),
        # The user's own HOME: their kernels find their credentials and caches, as in Jupyter.
        "PODBOOK_KERNEL_HOME": "host",
        "PODBOOK_LEASE": "",
    }
