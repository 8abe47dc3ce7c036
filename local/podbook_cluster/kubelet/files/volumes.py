"""Turns a pod's volumes into folders with files."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from podbook_cluster.kubelet.client import Pod
from podbook_cluster.kubelet.environment import downward
from podbook_cluster.kubelet.files.sources import ConfigMissing, Sources

_DEFAULT_MODE: Final = 0o644
_TOKEN_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class File:
    """One file of a volume."""

    path: str
    content: bytes
    mode: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the contents of a pod's volumes come from."""

    pod: Pod
    sources: Sources
    node_name: str
    # Asks for a token: (projection) -> token text. Rotation is the business of whoever gives it.
    token: Callable[[Mapping[str, Any]], Awaitable[str]]


async def files_of(volume: Mapping[str, Any], origin: Origin) -> list[File]:
    """Return the files that a volume begins with; ConfigMissing if some aren't there yet."""
    if (projected := volume.get("projected")) is not None:
        mode = projected.get("defaultMode", _DEFAULT_MODE)
        found = [
            await _from_source(kind, source, origin, mode)
            for sources in projected.get("sources") or ()
            for kind, source in sources.items()
        ]
        return [file for files in found for file in files]
    for kind in ("configMap", "secret", "downwardAPI"):
        if (source := volume.get(kind)) is not None:
            mode = source.get("defaultMode", _DEFAULT_MODE)
            return await _from_source(kind, source, origin, mode)
    return []


def write(folder: Path, files: list[File]) -> None:
    """Put files into a volume's folder, replacing what is there in one step each."""
    for file in files:
        path = folder / file.path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"..{path.name}")
        draft.unlink(missing_ok=True)
        fd = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as out:
            out.write(file.content)
            os.fchmod(fd, file.mode)
        draft.replace(path)


def token_file(projection: Mapping[str, Any], text: str) -> File:
    """Return the file that a token is kept in."""
    return File(projection["path"], text.encode(), _TOKEN_MODE)


def is_safe(path: str) -> bool:
    """Whether a path inside a volume stays inside."""
    pure = PurePosixPath(path)
    return bool(path) and not pure.is_absolute() and ".." not in pure.parts and "\0" not in path


async def _from_source(
    kind: str, source: Mapping[str, Any], origin: Origin, mode: int
) -> list[File]:
    if kind == "configMap":
        return _keys(source, await origin.sources.config_map(source), mode)
    if kind == "secret":
        return _keys(source, await origin.sources.secret(source), mode)
    if kind == "downwardAPI":
        return [_downward(item, origin, mode) for item in source.get("items") or ()]
    return [token_file(source, await origin.token(source))]


def _keys(source: Mapping[str, Any], data: Mapping[str, bytes], mode: int) -> list[File]:
    items = source.get("items")
    if not items:
        return [File(key, value, mode) for key, value in data.items()]
    missing = [item["key"] for item in items if item["key"] not in data]
    if missing and not source.get("optional"):
        raise ConfigMissing(f"references non-existent config key: {missing[0]}")
    return [
        File(item["path"], data[item["key"]], item.get("mode", mode))
        for item in items
        if item["key"] in data
    ]


def _downward(item: Mapping[str, Any], origin: Origin, mode: int) -> File:
    if ref := item.get("fieldRef"):
        text = downward.field(origin.pod, ref["fieldPath"], node_name=origin.node_name)
    else:
        ref = item["resourceFieldRef"]
        containers = origin.pod["spec"]["containers"]
        named = next(each for each in containers if each["name"] == ref["containerName"])
        text = downward.resource(named, ref)
    return File(item["path"], text.encode(), item.get("mode", mode))
