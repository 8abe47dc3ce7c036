"""Makes a catalog entry of a notebook's draft and the files that go along with it."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, Final

from podbook_catalog.entries.accompanying_files import BadFiles, Companions, named
from podbook_catalog.entries.draft import UNTHOUGHT_OF, Draft, config_path, read_draft
from podbook_catalog.entries.mentions import resolved
from podbook_catalog.entries.reading import Place
from podbook_catalog.folder.scan import NOTEBOOK_SUFFIX
from podbook_crds.call_rules import now_defaults, possible_calls
from podbook_crds.checking.blocking import check_contract
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidContract
from podbook_crds.resources.notebook import NotebookSpec, Source

_log = logging.getLogger(__name__)

KIBIBYTE: Final = 1024
# What a Kubernetes API server stores of an object, with room for its metadata and status.
SPEC_LIMIT: Final = 1024 * KIBIBYTE

# Finds the drafts of other notebooks; None where there is none at the path.
Others = Callable[[PurePosixPath], Draft | None]


@dataclass(frozen=True)
class Entry:
    """A notebook of the folder as it shall stand in the cluster."""

    path: PurePosixPath
    id: str
    spec: NotebookSpec
    # Where something was left out that may be missed; the notebook can run.
    warning: str = ""

    @cached_property
    def wire(self) -> dict[str, Any]:
        """The spec as it is written."""
        return self.spec.to_wire()


def read_entry(path: PurePosixPath, place: Place, *, last_id: str | None = None) -> Entry:
    """Return the entry of the notebook at the path; a broken one says so in `problem`.

    last_id is what it was called before; see read_draft.
    """

    def others(other: PurePosixPath) -> Draft | None:
        return read_draft(other, place) if other in place.scan.notebooks else None

    return complete(read_draft(path, place, last_id=last_id), place, others)


def complete(draft: Draft, place: Place, others: Others) -> Entry:
    """Return the entry that the draft becomes with its files."""
    if draft.problem is not None:
        return _broken(draft, draft.problem)
    try:
        chosen = chosen_files(draft, place, others)
        spec = _spec(draft, files=_files(draft, chosen, place), **draft.fields)
        entry = Entry(draft.path, draft.id, spec, _warning(draft, chosen))
        _check_size(entry)  # Before anything looks into the contract.
        _check_contract(spec, config_path(draft.path).name)
    except (BadFiles, InvalidContract) as error:
        return _broken(draft, str(error))
    except Exception:
        # Of a kind that nobody thought of; still, hundreds of others must not fall with it.
        _log.exception("%s cannot be completed", draft.path)
        return _broken(draft, UNTHOUGHT_OF)
    return entry


def chosen_files(draft: Draft, place: Place, others: Others) -> Companions:
    """Return which files go along; raises BadFiles.

    Other notebooks only where `files` or the cells name them, and what those name in turn.
    """
    if draft.patterns is not None:
        known = {**place.scan.files, **place.scan.notebooks}
        known.pop(draft.path, None)
        return named(draft.path, known, draft.patterns)
    by_itself = place.nearest(draft.path.parent)
    if not draft.mentions:
        return by_itself
    paths = {*by_itself.paths, *_mentioned(draft, others)}
    return Companions(tuple(sorted(paths)), by_itself.left_out, by_itself.first_left_out)


def _mentioned(draft: Draft, others: Others) -> set[PurePosixPath]:
    found: dict[PurePosixPath, Draft] = {draft.path: draft}
    waiting = [draft]
    while waiting:
        current = waiting.pop()
        for path in resolved(current.mentions, folder=current.path.parent):
            if path not in found and (other := others(path)) is not None:
                found[path] = other
                waiting.append(other)
    return found.keys() - {draft.path}


def _files(draft: Draft, chosen: Companions, place: Place) -> list[Any]:
    files = place.files(chosen.paths)
    unread = [path for path in chosen.paths if path in place.unread]
    if draft.patterns is not None and unread:
        raise BadFiles(f"files: {unread[0]} cannot be read: {place.unread[unread[0]]}")
    return files


def _warning(draft: Draft, chosen: Companions) -> str:
    if not chosen.left_out:
        return ""
    return f"{draft.path}: {chosen.left_out}; name them under `files`"


def _broken(draft: Draft, problem: str) -> Entry:
    return Entry(draft.path, draft.id, _spec(draft, problem=problem))


def _spec(draft: Draft, **fields: Any) -> NotebookSpec:
    return NotebookSpec(
        id=draft.id, path=_own_path(draft.path, draft.id), source=Source(blob=draft.blob), **fields
    )


def _check_contract(spec: NotebookSpec, config_name: str) -> None:
    for name, schema in (("input", spec.input), ("output", spec.output)):
        try:
            check_contract(Contract(schema or {}, spec.models))
            now_defaults.check(schema, datetime.now(UTC))
            if schema is spec.input:
                possible_calls.check(spec, datetime.now(UTC))
        except InvalidContract as error:
            between = "" if str(error).startswith(("/", ":")) else ": "
            raise InvalidContract(f"{config_name}: /{name}{between}{error}") from error


def _check_size(entry: Entry) -> None:
    size = len(json.dumps(entry.wire))
    if size > SPEC_LIMIT:
        raise InvalidContract(
            f"its contract, shared models and settings have {size // KIBIBYTE} KiB together,"
            f" more than {SPEC_LIMIT // KIBIBYTE}; make the contract smaller"
        )


def _own_path(path: PurePosixPath, notebook_id: str) -> str | None:
    """Return where the notebook is, unless its id says so already."""
    return None if path.as_posix() == f"{notebook_id}{NOTEBOOK_SUFFIX}" else path.as_posix()
