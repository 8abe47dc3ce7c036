"""Builds the environment of a container: what it inherits, then what its pod says."""

import fnmatch
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from podbook_cluster.kubelet.client import Pod
from podbook_cluster.kubelet.container import processes
from podbook_cluster.kubelet.environment import downward
from podbook_cluster.kubelet.environment.expansion import expand
from podbook_cluster.kubelet.files.sources import ConfigMissing, Sources

# Podbook's own, and what would tie a kernel to the program from which `podbook up` was started:
# with JPY_PARENT_PID ipykernel ends itself as soon as that process is not its parent, and with
# __PYVENV_LAUNCHER__ any Python on macOS takes itself for the one that runs Podbook.
WITHHELD: Final = ("PODBOOK_*", "KUBECONFIG", "KUBERNETES_*", "JPY_*", "__PYVENV_LAUNCHER__")

# macOS has no locale C.UTF-8.
UTF_8: Final = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"


def inherited(
    environ: Mapping[str, str] = os.environ, *, bin_dir: Path | None, everything: bool
) -> dict[str, str]:
    """Return what every container starts from: all of `environ` that is not Podbook's, or PATH."""
    kept = {
        name: value
        for name, value in environ.items()
        if (everything or name == "PATH")
        and not any(fnmatch.fnmatchcase(name, pattern) for pattern in WITHHELD)
    }
    path = kept.get("PATH") or os.defpath
    kept["PATH"] = f"{bin_dir}{os.pathsep}{path}" if bin_dir else path
    return kept


def with_letters(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with a locale of UTF-8 where it would be C, which loses letters.

    Nothing else of the locale is changed, and no other one.
    """
    said = [(name, environment.get(name)) for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    name, locale = next(((n, value) for n, value in said if value), ("", "C"))
    if locale not in ("C", "POSIX"):
        return dict(environment)
    return {**environment, "LC_ALL" if name == "LC_ALL" else "LC_CTYPE": UTF_8}


async def container_environment(
    pod: Pod,
    container: Mapping[str, Any],
    *,
    sources: Sources,
    node_name: str,
) -> dict[str, str]:
    """Return the variables that its pod gives a container.

    ConfigMissing if it needs a config map or secret that isn't there.
    """
    environment: dict[str, str] = {}
    for item in container.get("envFrom") or ():
        environment |= await _all_of(item, sources)
    for item in container.get("env") or ():
        value = await _value(pod, container, item, sources=sources, node_name=node_name)
        if value is not None:
            environment[item["name"]] = (
                expand(value, environment) if item.get("valueFrom") is None else value
            )
    environment[processes.MARK] = f"{pod['metadata']['uid']}/{container['name']}"
    return environment


async def _all_of(item: Mapping[str, Any], sources: Sources) -> dict[str, str]:
    data: Mapping[str, bytes] = {}
    if ref := item.get("configMapRef"):
        data = await sources.config_map(ref)
    elif ref := item.get("secretRef"):
        data = await sources.secret(ref)
    prefix = item.get("prefix") or ""
    return {prefix + key: value.decode(errors="replace") for key, value in data.items()}


async def _value(
    pod: Pod,
    container: Mapping[str, Any],
    item: Mapping[str, Any],
    *,
    sources: Sources,
    node_name: str,
) -> str | None:
    source = item.get("valueFrom")
    if not source:
        return str(item.get("value") or "")
    if ref := source.get("fieldRef"):
        return downward.field(pod, ref["fieldPath"], node_name=node_name)
    if ref := source.get("resourceFieldRef"):
        return downward.resource(_named(pod, ref.get("containerName")) or container, ref)
    if ref := source.get("configMapKeyRef"):
        return _key(ref, await sources.config_map(ref), kind="ConfigMap")
    if ref := source.get("secretKeyRef"):
        return _key(ref, await sources.secret(ref), kind="Secret")
    raise downward.UnknownField(f"env {item['name']!r}: valueFrom has nothing that is known here")


def _key(ref: Mapping[str, Any], data: Mapping[str, bytes], *, kind: str) -> str | None:
    if ref["key"] in data:
        return data[ref["key"]].decode(errors="replace")
    if ref.get("optional"):
        return None
    raise ConfigMissing(f"couldn't find key {ref['key']} in {kind} {ref['name']}")


def _named(pod: Pod, name: str | None) -> Mapping[str, Any] | None:
    return next((each for each in pod["spec"]["containers"] if each["name"] == name), None)
