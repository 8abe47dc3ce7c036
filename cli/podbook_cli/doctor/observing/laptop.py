"""Looks at a `podbook up` of this machine, or at what one would start on."""

import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from podbook_cli.doctor.seen import SeenLaptop
from podbook_cli.exits import BadInput
from podbook_cli.servers.local_parts import demand_local_parts

if TYPE_CHECKING:
    from podbook_local.up.data_folder import DataFolder

_PORT: Final = 5050
_SECONDS: Final = 5.0


def look(
    catalog: Path, data: "DataFolder", *, is_served: bool, environment: Mapping[str, str]
) -> SeenLaptop:
    """Return what is seen; what goes wrong is part of it."""
    state = data.read_state() if is_served else {}
    return SeenLaptop(
        str(catalog),
        str(data.path),
        is_served,
        data_error=_unwritable(data.path),
        free_bytes=_free(data.path),
        port_error="" if is_served else _port(),
        python_error="" if is_served else _python(catalog, environment),
        ended_parts=tuple(
            (name, str(data.logs / f"{name}.log"))
            for name, pid in (state.get("parts") or {}).items()
            if not _is_alive(pid)
        ),
        operator_error=_operator(state) if state else "",
    )


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


def _unwritable(path: Path) -> str:
    """Say why nothing can be written there, or to where it would be made."""
    where = _existing(path)
    if not where.is_dir():
        return f"{where} is no folder"
    try:
        with tempfile.TemporaryFile(dir=where) as file:
            file.write(b"podbook")
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _free(path: Path) -> int | None:
    try:
        return shutil.disk_usage(_existing(path)).free
    except OSError:
        return None


def _port() -> str:
    from podbook_local.up import ports
    from podbook_local.up.options import LOOPBACK, BadOption

    try:
        ports.asked_for(LOOPBACK, _PORT)
    except BadOption as error:
        return str(error).partition(";")[0]
    return ""


def _python(catalog: Path, environment: Mapping[str, str]) -> str:
    from podbook_catalog import interpreter
    from podbook_catalog.settings.errors import Mistaken
    from podbook_local.up.early_settings import read_early

    try:
        demand_local_parts()
        setting = read_early(catalog).python
        interpreter.choose(catalog, option=None, setting=setting, environment=environment)
    except (BadInput, Mistaken, interpreter.NoInterpreter) as error:
        return str(error)
    return ""


def _is_alive(pid: int | None) -> bool:
    from podbook_cluster.kubelet.container.processes import is_running

    return pid is not None and is_running(pid, None)


def _operator(state: dict[str, Any]) -> str:
    """Ask it itself: on a laptop there is one, and no Lease."""
    port = (state.get("ports") or {}).get("operator")
    for path in ("readyz", "healthz"):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=_SECONDS):
                continue
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode(errors="replace").strip()
        except OSError as error:
            return f"it does not answer: {error}"
    return ""
