"""Turns one notebook file with what stands beside it into a catalog entry."""

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from podbook_catalog.entries.companions import BadFiles, Companions, named
from podbook_catalog.entries.config import Config, read_config
from podbook_catalog.entries.reading import Place
from podbook_catalog.entries.runtime import UnknownKernel, settle
from podbook_catalog.identity import composed, id_of
from podbook_catalog.inference import inferred_contract
from podbook_catalog.models.shared_models import BrokenModels
from podbook_catalog.scan import CONFIG_SUFFIX, NOTEBOOK_SUFFIX
from podbook_catalog.settings.errors import Mistaken
from podbook_crds.contracts import MODEL_SCHEME, check_schema
from podbook_crds.errors import InvalidContract
from podbook_crds.overriding.check import mistakes
from podbook_crds.resources.notebook import NotebookSpec, SharedModel, Source
from podbook_crds.resources.overrides import Overrides

_log = logging.getLogger(__name__)

ID_LIMIT = 512
KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE
# What a Kubernetes API server stores of an object, with room for its metadata and status.
SPEC_LIMIT = MEBIBYTE
# Far above any notebook that people run; a larger one would stall the loader for all others.
NOTEBOOK_LIMIT = 64 * MEBIBYTE


class BrokenNotebook(ValueError):
    """The file is no notebook; the message says where it ends to be one."""


# Everything that is wrong with one notebook and leaves the others alone.
_PROBLEMS = (
    BadFiles,
    BrokenModels,
    BrokenNotebook,
    InvalidContract,
    Mistaken,
    OSError,
    UnknownKernel,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A notebook of the folder as it shall stand in the cluster."""

    path: PurePosixPath
    id: str
    spec: NotebookSpec
    # Where something was left out that may be missed; the notebook can run.
    warning: str = ""


def read_entry(path: PurePosixPath, place: Place, *, last_id: str | None = None) -> Entry:
    """Return the entry of the notebook at the path; a broken one says so in `problem`.

    last_id is what it was called before: a config that cannot be read just now does not take the
    notebook's id away, so that its callers learn what is wrong with it.
    """
    config: Config | None = None
    try:
        data = _bytes(place.root / path)
    except (OSError, BrokenNotebook) as error:
        return _broken(path, last_id, b"", str(error), place)
    try:
        config = read_config(_config_path(place.root / path), catalog=place.catalog)
        return _whole(path, data, config, place)
    except _PROBLEMS as error:
        notebook_id = config.id if config and config.id else last_id
        return _broken(path, notebook_id, data, str(error), place)
    except Exception as error:
        # Of a kind that nobody thought of; still, hundreds of others must not fall with it.
        _log.exception("%s cannot be read", path)
        return _broken(path, last_id, data, f"it cannot be read: {error!r}", place)


def _whole(path: PurePosixPath, data: bytes, config: Config, place: Place) -> Entry:
    notebook = _parsed(data)
    notebook_id = _checked_id(config.id or id_of(path))
    has_config = _config_path(place.root / path).exists()
    chosen = _companions(path, config, place)
    written: dict[str, Any] = {
        "input": config.input if has_config else inferred_contract(notebook),
        "output": config.output,
        "inferred": not has_config,
        "models": _models(path, config, place),
        "runtime": settle(
            config.runtime,
            notebook,
            interpreter=place.interpreter,
            environment=place.environment,
        ),
        "overrides": _allowed(config, path),
        "defaults": config.defaults,
        "files": place.files(chosen.paths),
    }
    if config.output_validation is not None:
        written["output_validation"] = config.output_validation
    if config.webhook is not None:
        written["webhook"] = config.webhook
    source = Source(blob=place.blobs.put(data))
    spec = NotebookSpec(id=notebook_id, path=_own_path(path, notebook_id), source=source, **written)
    _check_contract(spec, _config_path(Path(path)).name)
    _check_size(spec)
    warning = f"{path}: {chosen.left_out}; name them under `files`" if chosen.left_out else ""
    return Entry(path, notebook_id, spec, warning)


def _broken(
    path: PurePosixPath, notebook_id: str | None, data: bytes, problem: str, place: Place
) -> Entry:
    notebook_id = (notebook_id or id_of(path))[:ID_LIMIT]
    source = Source(blob=place.blobs.put(data))
    shown = problem.replace(os.fspath(place.root) + os.sep, "")
    spec = NotebookSpec(
        id=notebook_id, path=_own_path(path, notebook_id), source=source, problem=shown
    )
    return Entry(path, notebook_id, spec)


def _bytes(path: Path) -> bytes:
    size = path.stat().st_size
    if size > NOTEBOOK_LIMIT:
        limit = NOTEBOOK_LIMIT // MEBIBYTE
        raise BrokenNotebook(
            f"{path.name} has {size // MEBIBYTE} MiB, more than {limit}; clear its outputs"
        )
    return path.read_bytes()


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenNotebook(f"the ipynb is no JSON: {error}") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise BrokenNotebook(
            "the file has no list of cells; save it as a notebook of format 4 (Jupyter 3 or later)"
        )
    return notebook


def _companions(path: PurePosixPath, config: Config, place: Place) -> Companions:
    if config.files is None:
        return place.nearest(path.parent)
    # Other notebooks go along only where `files` names them.
    others = {**place.scan.files, **place.scan.notebooks}
    others.pop(path, None)
    return named(path, others, config.files)


def _models(path: PurePosixPath, config: Config, place: Place) -> dict[str, SharedModel]:
    if MODEL_SCHEME not in json.dumps([config.input, config.output]):
        return {}
    return place.models.read(path.parent, config.runtime.python_path)


def _allowed(config: Config, path: PurePosixPath) -> Overrides | None:
    if wrong := mistakes(config.overrides):
        raise Mistaken(f"{_config_path(Path(path)).name}: {'; '.join(wrong)}")
    return config.overrides


def _check_contract(spec: NotebookSpec, config_name: str) -> None:
    for name, schema in (("input", spec.input), ("output", spec.output)):
        try:
            check_schema(schema or {}, spec.models)
        except InvalidContract as error:
            between = "" if str(error).startswith(("/", ":")) else ": "
            raise InvalidContract(f"{config_name}: /{name}{between}{error}") from error


def _check_size(spec: NotebookSpec) -> None:
    size = len(json.dumps(spec.to_wire()))
    if size > SPEC_LIMIT:
        raise InvalidContract(
            f"its contract, shared models and settings have {size // KIBIBYTE} KiB together,"
            f" more than {SPEC_LIMIT // KIBIBYTE}; make the contract smaller"
        )


def _own_path(path: PurePosixPath, notebook_id: str) -> str | None:
    """Return where the notebook is, unless its id says so already."""
    return None if path.as_posix() == f"{notebook_id}{NOTEBOOK_SUFFIX}" else path.as_posix()


def _checked_id(notebook_id: str) -> str:
    """An id is a relative path that a file could have: it stands in URLs and in the work folder."""
    if len(notebook_id) > ID_LIMIT:
        raise Mistaken(f"/id: it has more than {ID_LIMIT} characters; give a shorter one")
    parts = notebook_id.split("/")
    printable = all(character.isprintable() for character in notebook_id)
    if not printable or any(part in {"", ".", ".."} for part in parts):
        raise Mistaken(
            f"/id: {notebook_id!r} is no relative path; write for example 'reports/daily'"
        )
    return composed(notebook_id)


def _config_path(notebook: Path) -> Path:
    return notebook.with_name(notebook.name.removesuffix(NOTEBOOK_SUFFIX) + CONFIG_SUFFIX)
