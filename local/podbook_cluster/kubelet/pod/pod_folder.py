"""Lays out a pod on disk: its root, which stands for `/`, and the kubelet's files beside it."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from uuid import UUID

# Says that a folder below pods/ was made by a kubelet; no other one is ever deleted.
_MARKER: Final = "podbook-pod"
_DELETE_ATTEMPTS: Final = 20
_DELETE_PAUSE_SECONDS: Final = 0.05


class OutsidePod(Exception):
    """A path in a pod's spec leads out of the pod's root folder."""


@dataclass(frozen=True, slots=True)
class PodFolder:
    """`<data_dir>/pods/<uid>`."""

    path: Path

    @property
    def root(self) -> Path:
        """What the containers' absolute paths are relative to."""
        return self.path / "root"

    @property
    def records(self) -> Path:
        """Where the keeper writes starts and ends."""
        return self.path / "containers"

    @property
    def interrupted(self) -> Path:
        """A file that is there while the node stops, and ends the pod for that reason alone."""
        return self.path / "interrupted"

    def log(self, container: str) -> Path:
        """Return where a container's output goes; the API server serves it from there."""
        return self.path / "logs" / f"{container}.log"

    def inside(self, path: str) -> Path:
        """Return where an absolute path of the pod really is; OutsidePod if not below its root."""
        parts = PurePosixPath("/", path).relative_to("/").parts
        if ".." in parts or "\0" in path:
            raise OutsidePod(f"path {path!r} leads out of the pod")
        return self.root.joinpath(*parts)

    def create(self) -> None:
        """Make the folders, readable by this user alone."""
        for folder in (self.path.parent, self.path, self.root, self.records, self.path / "logs"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.joinpath(_MARKER).touch(mode=0o600)

    def remove_root(self) -> None:
        """Delete what the containers had; the logs stay."""
        _delete(self.root)

    def remove(self) -> None:
        """Delete everything; what says that the folder is ours goes last."""
        for part in (self.root, self.records, self.path / "logs", self.path):
            _delete(part)


def of_pod(data_dir: Path, uid: str) -> PodFolder:
    """Return the folder of a pod, whether it exists or not."""
    return PodFolder(data_dir / "pods" / str(UUID(uid)))


def existing(data_dir: Path) -> Iterator[tuple[str, PodFolder]]:
    """Yield (uid, folder) of all pods that have one."""
    with suppress(FileNotFoundError):
        for entry in os.scandir(data_dir / "pods"):
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False) and path.joinpath(_MARKER).exists():
                yield entry.name, PodFolder(path)


def _delete(folder: Path) -> None:
    """Delete a folder in which something may still be writing its last."""
    for _ in range(_DELETE_ATTEMPTS):
        _try_to_delete(folder)
        if not folder.exists():
            return
        time.sleep(_DELETE_PAUSE_SECONDS)


def _try_to_delete(folder: Path) -> None:
    # A notebook may have made folders read-only; those are opened first.
    for path, names, _ in os.walk(folder):
        for child in (os.path.join(path, name) for name in names):
            if not os.path.islink(child):
                with suppress(OSError):
                    os.chmod(child, 0o700)
    shutil.rmtree(folder, ignore_errors=True)
