"""Settles how a notebook's kernel is started on this machine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from podbook_catalog.entries import kernelspecs
from podbook_catalog.entries.kernelspecs import KernelSpec
from podbook_catalog.interpreter import Interpreter
from podbook_crds.call_rules import languages
from podbook_crds.resources.notebook import EnvVar, Runtime


class UnknownKernel(ValueError):
    """The config names a kernel that is not installed."""


def settle(
    runtime: Runtime,
    notebook: dict[str, Any],
    *,
    interpreter: Interpreter | None,
    environment: Mapping[str, str],
) -> Runtime:
    """Return the runtime with its command, where that is not the language's own.

    What the config says wins: `command`, or a `kernel` that must be installed (UnknownKernel
    otherwise). A notebook's own kernelspec is followed where it is installed and is not the plain
    Python one; where it is not (an editor's made-up name, another machine's), the notebook's
    language decides. Without an interpreter nothing is looked for on this machine: the runs will
    be elsewhere.
    """
    if runtime.command is not None:
        return runtime
    if interpreter is None:
        return _elsewhere(runtime, notebook)
    if runtime.kernel is not None:
        return _from_config(runtime, runtime.kernel, interpreter.prefix, environment)
    if "language" in runtime.model_fields_set:
        return runtime
    name = _field(notebook, "kernelspec", "name")
    if name and name not in kernelspecs.DEFAULT_NAMES:
        spec = kernelspecs.find(name, prefix=interpreter.prefix, environment=environment)
        if spec is not None:
            return _with(runtime, spec)
    return runtime.model_copy(update={"language": language_of(notebook)})


def _elsewhere(runtime: Runtime, notebook: dict[str, Any]) -> Runtime:
    if runtime.kernel is not None or "language" in runtime.model_fields_set:
        return runtime
    return runtime.model_copy(update={"language": language_of(notebook)})


def language_of(notebook: dict[str, Any]) -> str:
    """Return the language that the notebook says it is written in, Python where it says none."""
    return languages.said_by(notebook) or languages.DEFAULT


def _from_config(
    runtime: Runtime, name: str, prefix: Path, environment: Mapping[str, str]
) -> Runtime:
    if name in kernelspecs.DEFAULT_NAMES:
        return runtime
    spec = kernelspecs.find(name, prefix=prefix, environment=environment)
    if spec is None:
        raise UnknownKernel(
            f"runtime.kernel: no kernel {name!r} is installed; `jupyter kernelspec list` shows"
            " which are, or leave it out"
        )
    return _with(runtime, spec)


def _with(runtime: Runtime, spec: KernelSpec) -> Runtime:
    own = {variable.name for variable in runtime.env}
    added = [EnvVar(name=n, value=v) for n, v in spec.env.items() if n not in own]
    return runtime.model_copy(
        update={
            "command": spec.argv,
            "language": spec.language or runtime.language,
            "env": [*added, *runtime.env],
        }
    )


def _field(notebook: dict[str, Any], *path: str) -> str:
    node: Any = notebook.get("metadata")
    for key in path:
        node = node.get(key) if isinstance(node, dict) else None
    return node if isinstance(node, str) else ""
