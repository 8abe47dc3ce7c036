"""Reads what one notebook file and its config say, apart from the files that go along."""

import json
import logging
import os
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Final, TypeVar

from podbook_catalog.entries.cells import with_cells
from podbook_catalog.entries.config import Config, read_config
from podbook_catalog.entries.inference import inferred_contract
from podbook_catalog.entries.mentions import mentioned_notebooks
from podbook_catalog.entries.provided import provided
from podbook_catalog.entries.reading import Place
from podbook_catalog.entries.runtime import UnknownKernel, settle
from podbook_catalog.environments.environments import NoEnvironment
from podbook_catalog.folder.identity import composed, id_of
from podbook_catalog.folder.regular_files import read_bytes
from podbook_catalog.folder.scan import CONFIG_SUFFIX, NOTEBOOK_SUFFIX
from podbook_catalog.models.shared_models import BrokenModels
from podbook_catalog.settings.errors import Mistaken
from podbook_crds.call_rules.contracts import MODEL_SCHEME
from podbook_crds.call_rules.overriding.check import mistakes
from podbook_crds.errors import InvalidContract
from podbook_crds.resources import amounts
from podbook_crds.resources.notebook import Runtime, SharedModel
from podbook_crds.resources.overrides import Overrides

_log = logging.getLogger(__name__)

ID_LIMIT: Final = 512
MEBIBYTE: Final = 1024 * 1024
# Far above any notebook that people run; a larger one would stall the loader for all others.
NOTEBOOK_LIMIT: Final = 64 * MEBIBYTE
# An editor that is still writing is through by then.
_WRITTEN_SECONDS: Final = 1.0


_Path = TypeVar("_Path", bound=PurePath)


class BrokenNotebook(ValueError):
    """The file is no notebook; the message says where it ends to be one."""


# Everything that is wrong with one notebook and leaves the others alone.
PROBLEMS: Final = (
    BrokenModels,
    BrokenNotebook,
    InvalidContract,
    Mistaken,
    NoEnvironment,
    OSError,
    UnknownKernel,
)

# What a notebook's spec has of its own where the config does not say it.
_WHERE_SAID: Final = (
    *("input_validation", "output_validation", "warm", "cache", "mcp", "webhook", "report"),
    *("title", "description", "authors", "tags"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A notebook as its own two files describe it."""

    path: PurePosixPath
    id: str
    blob: str
    # Of NotebookSpec: contract, models, runtime and what else the config says.
    fields: dict[str, Any] = field(default_factory=dict)
    # Globs of the config; None where it does not say.
    patterns: list[str] | None = None
    # Other notebooks that its cells name, as they name them.
    mentions: frozenset[str] = frozenset()
    problem: str | None = None
    uses_models: bool = False
    # Something outside the folder decides about it, such as a kernel that is not installed yet.
    is_provisional: bool = False


# Beside the log, which has the rest; the error itself speaks of the code.
UNTHOUGHT_OF: Final = "it cannot be read, by a mistake of Podbook's own; its log says which"


def read_draft(path: PurePosixPath, place: Place, *, last_id: str | None = None) -> Draft:
    """Return the draft of the notebook at the path; a broken one says so in `problem`.

    last_id is what it was called before: a config that cannot be read just now does not take the
    notebook's id away, so that its callers learn what is wrong with it. Raises FileNotFoundError
    where the notebook is gone again.
    """
    config: Config | None = None
    data = b""
    try:
        data = _bytes(place.root / path)
        config = read_config(config_path(place.root / path), catalog=place.catalog)
        return _whole(path, data, config, place)
    except FileNotFoundError:
        raise
    except PROBLEMS as error:
        notebook_id = config.id if config and config.id and _is_path(config.id) else last_id
        return _broken(path, notebook_id, data, error, place)
    except Exception:
        # Of a kind that nobody thought of; still, hundreds of others must not fall with it.
        _log.exception("%s cannot be read", path)
        return _broken(path, last_id, data, BrokenNotebook(UNTHOUGHT_OF), place)


def is_half_written(draft: Draft, place: Place) -> bool:
    """Tell whether it is broken and so young that somebody may still be writing it."""
    state = place.scan.states.get(draft.path.as_posix())
    if draft.problem is None or state is None:
        return False
    return 0 <= time.time() - state.modified_ns / 1e9 < _WRITTEN_SECONDS


def config_path(notebook: _Path) -> _Path:
    """Return where the config of a notebook stands."""
    return notebook.with_name(notebook.name.removesuffix(NOTEBOOK_SUFFIX) + CONFIG_SUFFIX)


def _whole(path: PurePosixPath, data: bytes, config: Config, place: Place) -> Draft:
    notebook = _parsed(data)
    notebook_id = _checked_id(config.id or id_of(path))
    has_config = config_path(place.root / path).exists()
    uses_models = MODEL_SCHEME in json.dumps([config.input, config.output])
    fields: dict[str, Any] = {
        "input": config.input if has_config else inferred_contract(notebook),
        "output": config.output,
        "inferred": not has_config,
        "models": _models(path, config, place) if uses_models else {},
        "runtime": provided(_settled(config, notebook, place), notebook, config, place),
        "overrides": _allowed(config, path),
        "defaults": config.defaults,
        "examples": config.examples,
    }
    for name in _WHERE_SAID:
        if (said := getattr(config, name)) is not None:
            fields[name] = said
    return Draft(
        path,
        notebook_id,
        place.blobs.put(data),
        fields,
        config.files,
        mentioned_notebooks(notebook) if config.files is None else frozenset(),
        uses_models=uses_models,
    )


def _settled(config: Config, notebook: dict[str, Any], place: Place) -> Runtime:
    return settle(
        config.runtime, notebook, interpreter=place.interpreter, environment=place.environment
    )


def _broken(
    path: PurePosixPath, notebook_id: str | None, data: bytes, error: Exception, place: Place
) -> Draft:
    problem = _sentence(path, error).replace(os.fspath(place.root) + os.sep, "")
    return Draft(
        path,
        (notebook_id or id_of(path))[:ID_LIMIT].rstrip("./"),
        place.blobs.put(data),
        problem=problem,
        uses_models=isinstance(error, BrokenModels),
        is_provisional=isinstance(error, NoEnvironment | UnknownKernel | OSError),
    )


def _sentence(path: PurePosixPath, error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or path} cannot be read: {error.strerror}"
    return str(error)


def _bytes(path: Path) -> bytes:
    size = path.stat().st_size
    if size > NOTEBOOK_LIMIT:
        limit = NOTEBOOK_LIMIT // MEBIBYTE
        raise BrokenNotebook(
            f"{path.name} has {size // MEBIBYTE} MiB, more than {limit}; clear its outputs"
        )
    return read_bytes(path)


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenNotebook(f"the ipynb is no JSON: {error}") from error
    found = with_cells(notebook)
    if found is None:
        raise BrokenNotebook("the file has no list of cells: it is no notebook that Jupyter saved")
    return found


def _models(path: PurePosixPath, config: Config, place: Place) -> dict[str, SharedModel]:
    return place.models.read(path.parent, config.runtime.python_path)


def _allowed(config: Config, path: PurePosixPath) -> Overrides | None:
    if wrong := [*amounts.mistakes(config.runtime), *mistakes(config.overrides)]:
        raise Mistaken(f"{config_path(path).name}: {'; '.join(wrong)}")
    return config.overrides


def _is_path(notebook_id: str) -> bool:
    printable = all(character.isprintable() for character in notebook_id)
    return printable and not any(part in {"", ".", ".."} for part in notebook_id.split("/"))


def _checked_id(notebook_id: str) -> str:
    """An id is a relative path that a file could have: it stands in URLs and in the work folder."""
    if len(notebook_id) > ID_LIMIT:
        raise Mistaken(f"/id: it has more than {ID_LIMIT} characters; give a shorter one")
    if not _is_path(notebook_id):
        raise Mistaken(
            f"/id: {notebook_id!r} is no relative path; write for example 'reports/daily'"
        )
    return composed(notebook_id)
