"""Finds parameters that change nothing: names that no cell has, and those that a cell overwrites.

A run that passes over what its caller asked for ends well and with the wrong figure.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cachetools import FIFOCache

from podbook_api.artifacts.pinned_content import Contents
from podbook_api.http.reading.reader import Reader
from podbook_api.state.catalog import Entry
from podbook_api.submit import named_in_cells
from podbook_api.submit.named_in_cells import Named
from podbook_crds.call_rules.contracts import is_plain, nearest
from podbook_crds.call_rules.parameters import ROOT
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.errors import InvalidParameters, Violation
from podbook_crds.formats.json_pointers import pointer_step
from podbook_crds.resources.notebook import InputValidation, NotebookSpec
from podbook_crds.resources.warning import Kind, RunWarning, bounded, warn

_REMEMBERED: Final = 512
# A larger notebook is full of outputs; what is in it is not known, and nothing is said.
_LARGEST: Final = 4 * 1024 * 1024


class Effects:
    """Reads each version of a notebook once, off the event loop."""

    def __init__(self, contents: Contents, reader: Reader) -> None:
        self._contents = contents
        self._reader = reader
        self._known: FIFOCache[str, Named] = FIFOCache(_REMEMBERED)

    async def judged(
        self, parameters: Mapping[str, Any], entry: Entry, asked: InputValidation | None
    ) -> list[RunWarning]:
        """Return what is worth knowing of the parameters; raise InvalidParameters."""
        if asked is InputValidation.OFF or not parameters:
            return []
        return judge(parameters, entry.notebook.spec, await self._named(entry), asked)

    async def _named(self, entry: Entry) -> Named:
        key = entry.content.ipynb
        if key not in self._known:
            is_python = entry.notebook.spec.runtime.language == "python"
            source = entry.notebook.spec.source
            text = await self._contents.small_text(source, at_most=_LARGEST)
            found = Named(known=False)
            if text is not None:
                found = await named_in_cells.of(self._reader, text, is_python=is_python)
            self._known[key] = found
        return self._known[key]


def asked_by(
    surface: Surface, options: Mapping[str, Any], spec: NotebookSpec
) -> InputValidation | None:
    """Return what the call, or else the notebook, says; callers of old were promised nothing."""
    if not surface.is_strict:
        return InputValidation.OFF
    said = options.get("inputValidation")
    return InputValidation(said) if said else spec.input_validation


def said(spec: NotebookSpec) -> dict[str, str]:
    """Return what an execution's spec keeps of it: the operator checks by the same."""
    found = spec.input_validation
    return {} if found is None else {"inputValidation": found.value}


def judge(
    parameters: Mapping[str, Any], spec: NotebookSpec, found: Named, asked: InputValidation | None
) -> list[RunWarning]:
    """Return warnings; raise InvalidParameters for what is sure, or where the owner wants it."""
    told: list[RunWarning] = []
    refused: list[Violation] = []
    enforced = asked is InputValidation.ENFORCE
    for name, warning in [*_unknown(parameters, spec, found), *_overwritten(parameters, found)]:
        is_sure = (
            warning.cell is None
            and found.known
            and name not in found.words
            and asked is not InputValidation.REPORT
        )
        if enforced or is_sure:
            refused.append(
                Violation(f"{ROOT}{pointer_step(name)}", warning.detail, warning.suggestion)
            )
        else:
            told.append(warning)
    if refused:
        raise InvalidParameters(refused)
    return bounded(told)


def _unknown(
    parameters: Mapping[str, Any], spec: NotebookSpec, found: Named
) -> Iterator[tuple[str, RunWarning]]:
    """Yield names that no contract declares; where the owner wrote none, anything may be meant."""
    schema = spec.input
    if schema is None and not spec.inferred:
        return
    if schema is not None and not is_plain(schema):
        return
    members = (schema or {}).get("properties")
    declared = list(members) if isinstance(members, dict) else []
    for name in parameters:
        if name in declared:
            continue
        detail = f"parameter {name[:63]!r} is in no cell of the notebook"
        if not found.known or name in found.words:
            detail = f"parameter {name[:63]!r} is not declared; it may change nothing"
        near = nearest(name, declared)
        pointer = f"{ROOT}{pointer_step(name)}"
        yield name, warn(Kind.UNKNOWN_PARAMETER, detail, pointer=pointer, suggestion=near)


def _overwritten(parameters: Mapping[str, Any], found: Named) -> Iterator[tuple[str, RunWarning]]:
    for name in parameters:
        cell = found.overwritten.get(name)
        if cell is not None:
            detail = f"cell {cell} sets {name!r} anew before anything reads the value given"
            pointer = f"{ROOT}{pointer_step(name)}"
            yield name, warn(Kind.PARAMETER_OVERWRITTEN, detail, pointer=pointer, cell=cell)
