"""Reads the shared models of a catalog with the kernel's own interpreter.

    PYTHON read_models.py FOLDER MODULE

imports MODULE, with FOLDER first on sys.path, and prints one line of JSON:
{"models": {alias: {"import": "module:Class", "schema": {…}}}, "files": [what was imported]}, or
{"error": "what is wrong"} with exit status 1. What the module itself prints goes to standard error;
what it left running does not keep the program from ending. Runs on Python 3.8 and later with
pydantic 1 or 2; Podbook need not be installed there, nor jupyrest.
"""

from __future__ import annotations  # For Python 3.8.

import sys

if __name__ == "__main__":
    # The script's own folder: modules there must not stand for others of their name.
    sys.path.pop(0)

import importlib
import importlib.util
import json
import os
import re
import signal
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Understood by the runner where it writes the parameters cell; validators ignore unknown keys.
IMPORT_KEY = "x-podbook-import"
# Set on a model that takes its values from JSON only: built from Python's it would refuse them.
# Its value is the class method that does.
JSON_ONLY_KEY = "x-podbook-json-only"

# Longer than anybody waits for it: if whoever asked is gone, it ends all the same.
ALARM_SECONDS = 90

# pydantic 1 writes what draft 7 knows, and does not say so.
_DRAFT_7 = "http://json-schema.org/draft-07/schema#"


class CannotRead(Exception):
    """The models cannot be read; the message says why."""


def read(folder: str, module: str) -> dict[str, Any]:
    """Return the models of the module's collections by alias; raises CannotRead."""
    _offer_own_packages()
    sys.path.insert(0, os.path.abspath(folder))
    try:
        loaded = importlib.import_module(module)
    except BaseException as error:  # Whatever a module does when it is imported.
        raise CannotRead(f"{module} cannot be imported: {_last_lines(error)}") from error
    found: dict[str, Any] = {}
    for name, collection in _collections(loaded):
        for alias, model in collection.items():
            if alias in found and found[alias][1] is not collection:
                raise CannotRead(
                    f"{module}: the alias {alias!r} is claimed by two collections,"
                    f" {found[alias][2]} and {name}; rename one of the aliases"
                )
            found[alias] = (model, collection, name)
    return {alias: _described(alias, model) for alias, (model, _, _) in sorted(found.items())}


def _collections(module: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each collection once, also one of an installed jupyrest: known by its looks."""
    seen: list[int] = []
    for name, value in sorted(vars(module).items()):
        if isinstance(value, type) or not callable(getattr(value, "add_model", None)):
            continue
        if id(value) not in seen:
            seen.append(id(value))
            for held in vars(value).values():
                if isinstance(held, dict):
                    yield name, held


def _described(alias: str, model: Any) -> dict[str, Any]:
    path = f"{model.__module__}:{model.__qualname__}"
    if not _is_reachable(model):
        raise CannotRead(
            f"model {alias!r}: {path} cannot be imported by that name; define it at the top of"
            " a module"
        )
    try:
        schema = _schema(model)
    except Exception as error:  # pydantic has many, and models may add their own.
        raise CannotRead(f"model {alias!r} has no JSON Schema: {_undescribed(error)}") from error
    return {"import": path, "schema": schema}


def _schema(model: Any) -> dict[str, Any]:
    """Return the schema and its dialect: a contract that refers to it may be of another one."""
    if not hasattr(model, "model_json_schema"):
        return _schema_of_pydantic_1(model)
    generator = _generator()
    described = model.model_json_schema(schema_generator=generator)
    return {"$schema": generator.schema_dialect, **described}


def _undescribed(error: Exception) -> str:
    """Return why; of a type that JSON lacks pydantic speaks in the words of its own schemas."""
    if type(error).__name__ != "PydanticInvalidForJsonSchema":
        return _last_lines(error)
    named = re.search(r"<class '([^']+)'>", str(error))
    type_ = f" ({named[1]})" if named else ""
    return (
        f"a field is of a type that JSON has no form for{type_}; use one that has, or say by"
        " pydantic's WithJsonSchema what it is"
    )


def _schema_of_pydantic_1(model: Any) -> dict[str, Any]:
    """Return the schema, with where each class can be imported from, and with Optional's null."""
    old: Any = importlib.import_module("pydantic.schema")
    classes = old.get_flat_models_from_model(model)
    described = dict(model.schema())
    definitions = described.get("definitions", {})
    for cls, name in old.get_model_name_map(classes).items():
        found = described if cls is model and name not in definitions else definitions[name]
        _noted(found, cls)
        fields = getattr(cls, "__fields__", {})
        if "__root__" in fields:
            found[JSON_ONLY_KEY] = "parse_raw"
        for field in fields.values():
            declared = found.get("properties", {})
            if field.allow_none and field.alias in declared:
                declared[field.alias] = {"anyOf": [declared[field.alias], {"type": "null"}]}
    return {"$schema": _DRAFT_7, **described}


def _generator() -> Any:
    """Return pydantic 2's generator that also notes where each class can be imported from."""
    from pydantic.json_schema import GenerateJsonSchema

    class WithImports(GenerateJsonSchema):
        def model_schema(self, schema: Any) -> dict[str, Any]:
            described = _noted(super().model_schema(schema), schema["cls"])
            config = getattr(schema["cls"], "model_config", {})
            if config.get("strict") or config.get("val_json_bytes", "utf8") != "utf8":
                described[JSON_ONLY_KEY] = "model_validate_json"
            return described

        def enum_schema(self, schema: Any) -> dict[str, Any]:
            return _noted(super().enum_schema(schema), schema["cls"])

    return WithImports


def _noted(schema: dict[str, Any], cls: Any) -> dict[str, Any]:
    if _is_reachable(cls):
        schema[IMPORT_KEY] = f"{cls.__module__}:{cls.__qualname__}"
    return schema


def _is_reachable(cls: Any) -> bool:
    """Tell whether an import statement in the notebook leads to the very class."""
    found: Any = sys.modules.get(cls.__module__)
    for part in cls.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is cls and cls.__module__ != "__main__"


def _offer_own_packages() -> None:
    """Let `podbook` and `jupyrest` be imported from beside this file, if they are not installed.

    Only these two: what else is installed there is for another interpreter.
    """
    source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for name in ("podbook", "jupyrest"):
        if importlib.util.find_spec(name) is None:
            folder = os.path.join(source, name)
            spec = importlib.util.spec_from_file_location(
                name, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
            )
            if spec is not None and spec.loader is not None:
                package = importlib.util.module_from_spec(spec)
                sys.modules[name] = package
                spec.loader.exec_module(package)


def _imported() -> list[str]:
    """Return the files of all modules that are loaded by now."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return sorted({os.path.abspath(file) for file in files if isinstance(file, str)})


def _last_lines(error: BaseException) -> str:
    """Return the error and the place in the user's own code that it comes from."""
    said = "".join(traceback.format_exception_only(type(error), error)).strip()
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "importlib" not in frame.filename and frame.filename != __file__
    ]
    return f"{said} ({frames[-1].filename}, line {frames[-1].lineno})" if frames else said


def main(arguments: list[str]) -> None:
    """Print the models of FOLDER's MODULE as JSON, and end the process."""
    folder, module = arguments
    signal.alarm(ALARM_SECONDS)
    # What the module prints, now or when it ends, is no part of the answer.
    out = os.dup(1)
    os.dup2(2, 1)
    try:
        answer: dict[str, Any] = {"models": read(folder, module), "files": _imported()}
    except CannotRead as error:
        answer = {"error": str(error)}
    with os.fdopen(out, "w", encoding="ascii") as file:
        file.write(json.dumps(answer) + "\n")
    # At once: a thread of the module may run for ever.
    os._exit(1 if "error" in answer else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
