"""Settles everything that has to be known before the first process starts."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from podbook_catalog.entries import kernelspecs
from podbook_catalog.interpreter import Interpreter
from podbook_cluster import kubeconfig
from podbook_local.up import ports
from podbook_local.up.data_folder import DataFolder, default_for
from podbook_local.up.early_settings import EarlySettings
from podbook_local.up.options import Options
from podbook_local.up.parts import Ports, reached_at


@dataclass(frozen=True, slots=True)
class Prepared:
    """One `podbook up`, before it starts."""

    options: Options
    # The catalog folder, absolute.
    root: Path
    folder: DataFolder
    interpreter: Interpreter
    environment: Mapping[str, str]
    ports: Ports
    # Of the embedded cluster.
    token: str

    @property
    def url(self) -> str:
        """Where the REST API is reached from this machine."""
        return f"http://{_url_host(self.options.host)}:{self.ports.api}"

    def state(self, *, pids: Mapping[str, int | None], ready: bool) -> dict[str, Any]:
        """Return what other processes may read about this one; see DataFolder.write_state."""
        return {
            "pid": os.getpid(),
            "catalog": str(self.root),
            "url": self.url,
            "ready": ready,
            "python": str(self.interpreter.path),
            "parts": dict(pids),
            "ports": asdict(self.ports),
        }


def data_folder(options: Options, root: Path, environment: Mapping[str, str]) -> DataFolder:
    """Return the data folder that was asked for, or the catalog's own."""
    if options.data_dir is not None:
        return DataFolder(options.data_dir.absolute())
    return default_for(root, environment)


def prepare(
    options: Options,
    settings: EarlySettings,
    *,
    root: Path,
    folder: DataFolder,
    interpreter: Interpreter,
    environment: Mapping[str, str],
) -> Prepared:
    """Choose ports and token, and write what the processes read; raises BadOption."""
    before = folder.read_state().get("ports", {})
    chosen = Ports(
        cluster=ports.free(before.get("cluster")),
        api=ports.asked_for(options.host, options.port),
        intake=ports.free(before.get("intake")),
        operator=ports.free(before.get("operator")),
        grpc=None
        if options.grpc_port is None
        else ports.asked_for(options.host, options.grpc_port),
    )
    folder.write_secret(folder.catalog_pending, "")
    token = _write_kubeconfig(folder, chosen.cluster)
    slots = options.slots or settings.slots or os.cpu_count() or 1
    # Who may call here may run code here: a receiver of webhooks on this machine is no secret.
    config = {
        "slots": {"total": slots},
        "webhooks": {"allowPrivateAddresses": True},
        "kernels": _kernels(interpreter, environment),
    }
    folder.write_secret(folder.operator_config, json.dumps(config))
    if options.token:
        folder.write_secret(folder.api_token, options.token)
    else:
        folder.api_token.unlink(missing_ok=True)
    return Prepared(options, root, folder, interpreter, environment, chosen, token)


def _kernels(interpreter: Interpreter, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what the callers of this machine may name: the kernels that are installed on it."""
    found = kernelspecs.installed(prefix=interpreter.prefix, environment=environment)
    return {
        name: {"command": spec.argv, "language": spec.language or "python"}
        for name, spec in found.items()
        if spec.argv
    }


def _write_kubeconfig(folder: DataFolder, port: int) -> str:
    """Write the kubeconfig before the cluster is there, and return the token in it.

    So the cluster, the API and the operator start side by side. The cluster finds its two secrets
    in its folder and takes them for its own. The key in the URL is for kubectl, which sends no
    token over a connection without TLS.
    """
    token = folder.secret(folder.cluster / "admin-token")
    key = folder.secret(folder.cluster / "url-key")
    text = kubeconfig.text(f"http://127.0.0.1:{port}/key/{key}", token, "default")
    folder.write_secret(folder.kubeconfig, text)
    return token


def _url_host(host: str) -> str:
    """Return what stands in a URL for the address that is listened on."""
    reached = reached_at(host)
    return f"[{reached}]" if ":" in reached else reached
