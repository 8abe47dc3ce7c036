"""Puts a pod's volumes where its containers expect them, below the pod's root folder."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from podbook_cluster.kubelet.client import Pod
from podbook_cluster.kubelet.files import tokens, volumes
from podbook_cluster.kubelet.files.sources import Sources
from podbook_cluster.kubelet.node import Node
from podbook_cluster.kubelet.pod.pod_folder import PodFolder


class Mounts:
    """The volumes of one pod, each a folder at the first path where it is mounted."""

    def __init__(self, pod: Pod, folder: PodFolder, node: Node) -> None:
        self._pod = pod
        self.folder = folder
        self.node = node
        self._paths = _paths(pod)
        self._is_laid_out = False
        self._renewals: list[asyncio.Task[None]] = []

    def lay_out(self) -> None:
        """Make all folders that the containers see, outer ones first."""
        if self._is_laid_out:
            return
        self.folder.create()
        places = [(path, name) for name, paths in self._paths.items() for path in paths]
        for path, name in sorted(places):
            first = self.folder.inside(self._paths[name][0])
            self._make(self.folder.inside(path), first)
        for container in self._pod["spec"]["containers"]:
            self.working_folder(container).mkdir(parents=True, exist_ok=True)
            self.termination_file(container).parent.mkdir(parents=True, exist_ok=True)
        self._is_laid_out = True

    async def fill(self, container: Mapping[str, Any], sources: Sources) -> None:
        """Write the files that a container's volumes begin with; ConfigMissing if some lack."""
        wanted = {mount["name"] for mount in container.get("volumeMounts") or ()}
        for volume in self._pod["spec"].get("volumes") or ():
            if volume["name"] in wanted:
                where = self.folder.inside(self._paths[volume["name"]][0])
                origin = volumes.Origin(
                    self._pod,
                    sources,
                    self.node.settings.node_name,
                    token=partial(self._token, where),
                )
                volumes.write(where, await volumes.files_of(volume, origin))

    def resume(self) -> None:
        """Go on renewing the tokens that an earlier kubelet wrote."""
        for volume in self._pod["spec"].get("volumes") or ():
            if volume["name"] in self._paths:
                where = self.folder.inside(self._paths[volume["name"]][0])
                for projection in tokens.projections(volume):
                    self._renew(projection, where, renew_at=tokens.utc_now())

    def close(self) -> None:
        """Stop renewing tokens."""
        for renewal in self._renewals:
            renewal.cancel()

    def working_folder(self, container: Mapping[str, Any]) -> Path:
        """Return where a container starts."""
        return self.folder.inside(container.get("workingDir") or "/")

    def termination_file(self, container: Mapping[str, Any]) -> Path:
        """Return where a container leaves its termination message."""
        return self.folder.inside(container.get("terminationMessagePath") or "/dev/termination-log")

    def _make(self, path: Path, first: Path) -> None:
        if path == first:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not path.is_symlink():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.symlink_to(first)

    async def _token(self, where: Path, projection: Mapping[str, Any]) -> str:
        token = await tokens.request(self.node.client, self._pod, projection)
        self._renew(projection, where, renew_at=token.renew_at)
        return token.text

    def _renew(self, projection: Mapping[str, Any], where: Path, *, renew_at: datetime) -> None:
        renewal = tokens.keep_fresh(
            self.node.client, self._pod, projection, folder=where, renew_at=renew_at
        )
        self._renewals.append(asyncio.create_task(renewal))


def _paths(pod: Pod) -> dict[str, list[str]]:
    """Return every path of each volume that is mounted, the first one first."""
    paths: dict[str, list[str]] = {}
    for container in pod["spec"]["containers"]:
        for mount in container.get("volumeMounts") or ():
            where = paths.setdefault(mount["name"], [])
            if mount["mountPath"] not in where:
                where.append(mount["mountPath"])
    return paths
