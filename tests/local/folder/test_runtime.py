import json
from pathlib import Path
from typing import Any

import pytest

from podbook_catalog.entries.runtime import UnknownKernel, settle
from podbook_catalog.interpreter import Interpreter
from podbook_crds.resources.notebook import Runtime

R = {"argv": ["R", "--slave", "{connection_file}"], "language": "R", "env": {"R_HOME": "/r"}}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name, spec in {"ir": R, "python3": {"argv": ["/elsewhere/python"]}}.items():
        folder = tmp_path / ".local" / "share" / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps(spec))
    return tmp_path


def settled(home: Path, metadata: Any, runtime: dict[str, Any] | None = None) -> Runtime:
    python = Interpreter(home / "bin" / "python", home / "prefix", "3", "the test")
    return settle(
        Runtime.model_validate(runtime or {}),
        {"metadata": metadata, "cells": []},
        interpreter=python,
        environment={"HOME": str(home)},
    )


def kernelspec(name: str, language: str) -> dict[str, Any]:
    return {"kernelspec": {"name": name, "language": language}}


def test_a_notebooks_own_kernelspec_is_followed_where_it_is_installed(home: Path) -> None:
    runtime = settled(home, kernelspec("ir", "R"))

    assert runtime.command == R["argv"]
    assert runtime.language == "r"
    assert [(v.name, v.value) for v in runtime.env] == [("R_HOME", "/r")]


def test_the_plain_python_kernel_is_the_chosen_interpreter_whatever_is_installed(
    home: Path,
) -> None:
    assert settled(home, kernelspec("python3", "python")).command is None


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        pytest.param(kernelspec("python38264bitvenv0c1a", "python"), "python", id="made up"),
        pytest.param(kernelspec("julia-1.9", "julia"), "julia", id="another machine's"),
        pytest.param({"language_info": {"name": "bash"}}, "bash", id="no kernelspec"),
        pytest.param({}, "python", id="nothing at all"),
        pytest.param(None, "python", id="no metadata"),
        pytest.param({"kernelspec": "python3"}, "python", id="nonsense"),
    ],
)
def test_where_the_named_kernel_is_not_there_the_language_decides(
    home: Path, metadata: Any, language: str
) -> None:
    runtime = settled(home, metadata)

    assert (runtime.command, runtime.language) == (None, language)


def test_a_kernel_that_the_config_names_must_be_there(home: Path) -> None:
    assert settled(home, {}, {"kernel": "ir"}).command == R["argv"]
    with pytest.raises(UnknownKernel, match="no kernel 'fortran'"):
        settled(home, {}, {"kernel": "fortran"})


def test_a_command_of_the_config_is_left_alone(home: Path) -> None:
    runtime = settled(home, kernelspec("ir", "R"), {"command": ["mine"]})

    assert runtime.command == ["mine"]


def test_a_language_of_the_config_wins_over_the_notebooks(home: Path) -> None:
    runtime = settled(home, kernelspec("ir", "R"), {"language": "python"})

    assert (runtime.command, runtime.language) == (None, "python")
