"""Which folders an attempt's pod has, and which of its two containers sees them."""

from typing import Any, Final

from podbook_crds import names
from podbook_crds.resources.notebook import Runtime

Manifest = dict[str, Any]

_TOKEN_SECONDS: Final = 3600
_HOME: Final = "/home/podbook"

# An image without a locale has ASCII alone; one with a locale keeps all of it but the charset.
KERNEL_HOME_ENV: Final = {
    "HOME": _HOME,
    "TMPDIR": "/tmp",
    "IPYTHONDIR": f"{_HOME}/.ipython",
    "LC_CTYPE": "C.UTF-8",
}
RUNNER_HOME_ENV: Final = {"HOME": names.RUNNER_FOLDER, "TMPDIR": names.RUNNER_FOLDER}

# A user's volume must not meet one of ours.
_OWN_PREFIX: Final = "own-"
# Not hostPath and its like: a notebook's owner need not be trusted with the node.
_KINDS: Final = ("persistentVolumeClaim", "configMap", "secret")
_KNOWN: Final = {"name", "mountPath", "readOnly", *_KINDS}


def problem(runtime: Runtime) -> str | None:
    """Return what is wrong with the runtime's own volumes, None where nothing is."""
    return next((said for v in runtime.volumes if (said := _wrong(v)) is not None), None)


def of_pod(runtime: Runtime, *, own_home: bool) -> list[Manifest]:
    """Return the pod's volumes; own_home adds HOME, /tmp and /dev/shm for the kernel."""
    fixed: list[Manifest] = [
        {"name": "work", "emptyDir": {}},
        {"name": "ipc", "emptyDir": {"medium": "Memory"}},
        {"name": "runner", "emptyDir": {}},
        {"name": "info", "downwardAPI": {"items": [_connection_file()]}},
        {"name": "token", "projected": {"sources": [{"serviceAccountToken": _token()}]}},
    ]
    own = [_own(volume) for volume in runtime.volumes]
    return [*fixed, *(_home(runtime) if own_home else []), *own]


def of_kernel(runtime: Runtime, *, own_home: bool) -> list[Manifest]:
    """Return what the kernel sees: no token, nothing of the runner's."""
    mounts = [*_shared()]
    if own_home:
        mounts += [_mount("home", _HOME), _mount("tmp", "/tmp"), _mount("shm", "/dev/shm")]
    return mounts + [
        {
            "name": f"{_OWN_PREFIX}{volume['name']}",
            "mountPath": volume["mountPath"],
            "readOnly": bool(volume.get("readOnly", False)),
        }
        for volume in runtime.volumes
    ]


def of_runner() -> list[Manifest]:
    """Return what the runner sees."""
    token = _mount("token", names.TOKEN_FOLDER) | {"readOnly": True}
    return [*_shared(), _mount("runner", names.RUNNER_FOLDER), token]


def _shared() -> list[Manifest]:
    info = _mount("info", names.INFO_FOLDER) | {"readOnly": True}
    return [_mount("work", names.WORK_FOLDER), _mount("ipc", names.SOCKET_FOLDER), info]


def _home(runtime: Runtime) -> list[Manifest]:
    shm: Manifest = {"medium": "Memory"}
    if runtime.shm_size is not None:
        shm["sizeLimit"] = runtime.shm_size
    return [
        {"name": "home", "emptyDir": {}},
        {"name": "tmp", "emptyDir": {}},
        {"name": "shm", "emptyDir": shm},
    ]


def _own(volume: dict[str, Any]) -> Manifest:
    """Return the user's volume; of its keys only those of the three kinds that are allowed."""
    source: Manifest = {kind: volume[kind] for kind in _KINDS if kind in volume}
    return {"name": f"{_OWN_PREFIX}{volume['name']}", **source}


def _wrong(volume: dict[str, Any]) -> str | None:
    name = volume.get("name")
    called = f"runtime.volumes: volume {name!r}"
    lacks = [key for key in ("name", "mountPath") if not isinstance(volume.get(key), str)]
    if lacks:
        return f"{called} lacks {' and '.join(lacks)}"
    if unknown := sorted(volume.keys() - _KNOWN):
        return f"{called} has {', '.join(unknown)}; allowed are {', '.join(_KINDS)}"
    if sum(isinstance(volume.get(kind), dict) for kind in _KINDS) != 1:
        return f"{called} must have exactly one of {', '.join(_KINDS)}"
    return None


def _connection_file() -> Manifest:
    annotation = f"metadata.annotations['{names.CONNECTION_ANNOTATION}']"
    return {"path": "connection.json", "fieldRef": {"fieldPath": annotation}}


def _token() -> Manifest:
    return {
        "audience": names.TOKEN_AUDIENCE,
        "path": "token",
        "expirationSeconds": _TOKEN_SECONDS,
    }


def _mount(name: str, path: str) -> Manifest:
    return {"name": name, "mountPath": path}
