"""Which folders an attempt's pod has, and which of its two containers sees them."""

from typing import Any, Final

from podbook_crds import names
from podbook_crds.notebook import Runtime

Manifest = dict[str, Any]

_TOKEN_SECONDS: Final = 3600
_HOME: Final = "/home/podbook"

KERNEL_HOME_ENV: Final = {"HOME": _HOME, "TMPDIR": "/tmp", "IPYTHONDIR": f"{_HOME}/.ipython"}
RUNNER_HOME_ENV: Final = {"HOME": names.RUNNER_FOLDER, "TMPDIR": names.RUNNER_FOLDER}

# A user's volume must not meet one of ours.
_OWN_PREFIX: Final = "own-"


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
    kinds = ("persistentVolumeClaim", "configMap", "secret")
    source = {kind: volume[kind] for kind in kinds if kind in volume}
    return {"name": f"{_OWN_PREFIX}{volume['name']}", **source}


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
