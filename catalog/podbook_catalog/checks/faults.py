"""What is wrong in a folder, by the file and the place in it where somebody mends it."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from podbook_catalog.entries.catalog_entry import Entry
from podbook_catalog.entries.draft import config_path
from podbook_catalog.folder.scan import SETTINGS_FILE
from podbook_crds.call_rules import defaults
from podbook_crds.checking.ineffective import ineffective

# How sentences about a settings file tell their places: `/a/0: why; /b: why`.
_PLACE: Final = re.compile(r"(/[^\s:;]*): ")
_NEXT: Final = re.compile(r"; (?=/[^\s:;]*: )")
_LINE: Final = re.compile(r"line (\d+), column (\d+): ")


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake; pointer is empty where it is about the file as a whole."""

    file: str
    pointer: str
    message: str
    # Of a file that is no JSON; 0 where that is not it.
    line: int = 0
    # False for what keeps no notebook from being served.
    is_error: bool = True

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        kind = "" if self.is_error else "warning: "
        return f"{kind}{where}: {f'{self.pointer}: ' if self.pointer else ''}{self.message}"

    def to_json(self) -> dict[str, Any]:
        """Return its JSON form."""
        wire = asdict(self)
        severity = "error" if wire.pop("is_error") else "warning"
        return {"severity": severity, **wire, "line": self.line or None}


def of_settings(sentence: str) -> list[Fault]:
    """Return what podbook.toml's one sentence tells."""
    return list(_places(SETTINGS_FILE, sentence.removeprefix(f"{SETTINGS_FILE}: ")))


def of_entry(entry: Entry) -> list[Fault]:
    """Return what is wrong with a notebook that cannot run, and a warning about one that can."""
    path = entry.path.as_posix()
    if problem := entry.spec.problem:
        return list(_of_problem(entry.path, problem))
    said = entry.warning.removeprefix(f"{path}: ")
    return [Fault(path, "", said, is_error=False)] if said else []


def of_defaults(entry: Entry) -> list[Fault]:
    """Return the defaults that no call can be run with: it has to give another value."""
    if entry.spec.inferred:
        return []
    file, language = config_path(entry.path).as_posix(), entry.spec.runtime.language
    places = defaults.unusable({}, entry.spec.input, language, root="/input/properties")
    return [Fault(file, place.pointer, place.message) for place in places]


def of_keywords(entry: Entry) -> list[Fault]:
    """Return warnings about what of its contracts nobody checks, though it looks as if."""
    spec, file = entry.spec, config_path(entry.path).as_posix()
    found = []
    for name, schema in (("input", None if spec.inferred else spec.input), ("output", spec.output)):
        for pointer, keyword in ineffective(schema or {}):
            said = f"`{keyword}` has no effect: {_dialect(schema)} does not know it"
            found.append(Fault(file, f"/{name}{pointer}", said, is_error=False))
    return found


def _dialect(schema: Any) -> str:
    return "the dialect of `$schema`" if "$schema" in schema else "draft 7, without `$schema`,"


def _of_problem(path: PurePosixPath, problem: str) -> Iterator[Fault]:
    config = config_path(path)
    for mark in (f"{config.name}: ", f"{config.name}, "):
        if problem.startswith(mark):
            return _places(config.as_posix(), problem.removeprefix(mark))
    if problem.startswith("files: "):
        return iter([Fault(config.as_posix(), "/files", problem.removeprefix("files: "))])
    if problem.startswith("/"):
        return _places(config.as_posix(), problem)
    return iter([Fault(path.as_posix(), "", problem)])


def _places(file: str, sentence: str) -> Iterator[Fault]:
    if found := _LINE.match(sentence):
        yield Fault(file, "", sentence[found.end() :], line=int(found[1]))
        return
    for part in _NEXT.split(sentence):
        place = _PLACE.match(part)
        if place is None:
            yield Fault(file, "", part)
        else:
            yield Fault(file, place[1], part[place.end() :])
