"""Builds Kubernetes, etcd, CoreDNS, Helm and kwok from their Go modules, once per go.sum."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import commands, machine, place

KUBERNETES = "v1.34.4"
HELM = "v3.19.0"
_HELM = "helm.sh/helm/v3"


@dataclass(frozen=True)
class Module:
    """One folder below tools/ with a go.mod of its own, and the programs that come of it."""

    folder: str
    programs: dict[str, str]
    flags: str = "-s -w"


MODULES = (
    Module(
        "kubernetes",
        {
            "etcd": "go.etcd.io/etcd/server/v3",
            **{
                name: f"k8s.io/kubernetes/cmd/{name}"
                for name in (
                    "kube-apiserver",
                    "kube-controller-manager",
                    "kube-scheduler",
                    "kubelet",
                    "kube-proxy",
                    "kubectl",
                )
            },
        },
        # Without the version kubectl and every client see v0.0.0.
        f"-s -w -X k8s.io/component-base/version.gitVersion={KUBERNETES}",
    ),
    Module("coredns", {"coredns": "github.com/coredns/coredns"}),
    Module(
        "helm",
        {"helm": f"{_HELM}/cmd/helm"},
        # Without these it takes every cluster for v1.20.
        f"-s -w -X {_HELM}/internal/version.version={HELM}"
        f" -X {_HELM}/pkg/chartutil.k8sVersionMajor=1 -X {_HELM}/pkg/chartutil.k8sVersionMinor=34"
        f" -X {_HELM}/pkg/lint/rules.k8sVersionMajor=1"
        f" -X {_HELM}/pkg/lint/rules.k8sVersionMinor=34",
    ),
    Module("kwok", {"kwok": "sigs.k8s.io/kwok/cmd/kwok"}),
    Module("pause", {"pause": "."}),
)


def program(name: str) -> Path:
    """Where a built program lies."""
    module = next(module for module in MODULES if name in module.programs)
    return _folder(module) / name


def build(*folders: str) -> None:
    """Build what the cache lacks; minutes on a cold cache, nothing on a warm one."""
    for module in MODULES:
        if folders and module.folder not in folders:
            continue
        folder = _folder(module)
        folder.mkdir(parents=True, exist_ok=True)
        for name, package in module.programs.items():
            if not (folder / name).exists():
                _build(module, package, folder / name)


def _build(module: Module, package: str, wanted: Path) -> None:
    nice = shutil.which("nice")
    polite = [nice, "-n", "10"] if nice else []
    half_made = wanted.with_suffix(".part")
    commands.run(
        *polite,
        *(machine.go(), "build", "-trimpath", "-buildvcs=false", "-ldflags", module.flags),
        *("-o", half_made, package),
        cwd=place.SOURCES / module.folder,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"},
        seconds=commands.LONGEST_BUILD_SECONDS,
    )
    half_made.rename(wanted)


def _folder(module: Module) -> Path:
    """The cache folder: another go.sum, other flags or another Go source is another folder."""
    source = place.SOURCES / module.folder
    made_of = [source / "go.mod", source / "go.sum", *sorted(source.glob("*.go"))]
    key = hashlib.sha256(module.flags.encode())
    for file in made_of:
        key.update(file.read_bytes() if file.exists() else b"")
    return place.CACHE / "binaries" / f"{module.folder}-{key.hexdigest()[:12]}"
