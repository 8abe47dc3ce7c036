import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from podbook_catalog.interpreter import Interpreter, NoInterpreter, choose


def choose_in(
    root: Path, *, option: Path | None = None, setting: str | None = None, **environment: str
) -> Interpreter:
    return choose(root, option=option, setting=setting, environment=environment)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment without ipykernel."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    return folder


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that has ipykernel, as far as can be seen without importing it."""
    folder = tmp_path_factory.mktemp("kernels")
    venv.create(folder, with_pip=False)
    site = subprocess.run(
        [folder / "bin" / "python", "-c", "import site; print(site.getsitepackages()[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    for module in ("ipykernel", "ipykernel_launcher"):
        Path(site.stdout.strip(), f"{module}.py").write_text("raise ImportError('never imported')")
    return folder


def python(environment: Path) -> Path:
    return environment / "bin" / "python"


def test_the_option_wins_over_everything(tmp_path: Path, kernels: Path) -> None:
    chosen = choose_in(tmp_path, option=python(kernels), VIRTUAL_ENV=sys.prefix)

    assert (chosen.path, chosen.chosen_by) == (python(kernels), "--python")
    assert chosen.prefix == kernels


def test_the_setting_is_relative_to_the_folder(tmp_path: Path, kernels: Path) -> None:
    os.symlink(kernels, tmp_path / ".venv")

    chosen = choose_in(tmp_path, setting=".venv/bin/python", VIRTUAL_ENV=sys.prefix)

    # Not resolved: what a link leads to is another environment.
    assert chosen.path == tmp_path / ".venv" / "bin" / "python"
    assert chosen.chosen_by == "podbook.toml"


def test_the_active_environment_comes_before_python3_on_path(tmp_path: Path, kernels: Path) -> None:
    chosen = choose_in(tmp_path, VIRTUAL_ENV=str(kernels), PATH=str(Path(sys.executable).parent))

    assert chosen.path == python(kernels)
    assert chosen.chosen_by == "the active virtual environment"


def test_an_active_conda_environment_counts(tmp_path: Path, kernels: Path) -> None:
    assert choose_in(tmp_path, CONDA_PREFIX=str(kernels)).path == python(kernels)


def test_an_environment_without_ipykernel_is_passed_over(
    tmp_path: Path, bare: Path, kernels: Path
) -> None:
    chosen = choose_in(tmp_path, VIRTUAL_ENV=str(bare), PATH=str(kernels / "bin"))

    assert chosen.path == kernels / "bin" / "python3"
    assert chosen.chosen_by == "python3 on PATH"
    assert chosen.passed_over == (
        f"{python(bare)}, the active virtual environment, is passed over: it has no ipykernel",
    )


def test_podbooks_own_is_the_last_resort(tmp_path: Path, bare: Path) -> None:
    chosen = choose_in(tmp_path, VIRTUAL_ENV=str(bare), PATH=str(bare / "bin"))

    assert (chosen.path, chosen.chosen_by) == (Path(sys.executable), "podbook's own")


def test_a_python_that_was_asked_for_must_have_ipykernel(tmp_path: Path, bare: Path) -> None:
    with pytest.raises(NoInterpreter, match="-m pip install ipykernel"):
        choose_in(tmp_path, option=python(bare))


@pytest.mark.parametrize("path", ["/nowhere/python", "/bin/false", "/"])
def test_what_is_no_python_is_refused_by_name(tmp_path: Path, path: str) -> None:
    with pytest.raises(NoInterpreter, match=f"--python: {path} is no Python"):
        choose_in(tmp_path, option=Path(path))


def wrapper(folder: Path, kernels: Path, *, before: str = "", after: str = "") -> Path:
    """A script that stands for a Python, as a company puts one in front."""
    script = folder / "python"
    script.write_text(f'#!/bin/sh\n{before}\n{python(kernels)} "$@"\n{after}\n')
    script.chmod(0o755)
    return script


@pytest.mark.parametrize(
    "around",
    [
        pytest.param({"before": "echo hello; echo hello >&2"}, id="before"),
        pytest.param({"after": "echo good bye"}, id="after"),
        pytest.param({"before": "printf 'no line end'"}, id="without an end of line"),
        pytest.param({"before": "printf '\\377\\000[1, 2, 3]'"}, id="what is no text"),
        pytest.param({"after": "exit 3"}, id="and an exit code of its own"),
        pytest.param({"after": "sleep 600 &"}, id="and leaves something running"),
    ],
)
def test_a_python_that_prints_is_a_python(
    tmp_path: Path, kernels: Path, around: dict[str, str]
) -> None:
    script = wrapper(tmp_path, kernels, **around)

    assert choose_in(tmp_path, option=script).prefix == kernels


def test_a_sitecustomize_that_prints_does_not_cost_the_active_environment(
    tmp_path: Path, kernels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('hello from the company')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert choose_in(tmp_path, VIRTUAL_ENV=str(kernels)).path == python(kernels)


@pytest.mark.parametrize(
    ("before", "why"),
    [
        pytest.param("echo no licence >&2; exit 7", "exit code 7, saying 'no licence'", id="ends"),
        pytest.param("sleep 600", "did not answer within 0 s", id="hangs"),
    ],
)
def test_a_python_that_gives_no_answer_is_told_with_its_own_words(
    tmp_path: Path, kernels: Path, monkeypatch: pytest.MonkeyPatch, before: str, why: str
) -> None:
    monkeypatch.setattr("podbook_catalog.interpreter._ANSWER_SECONDS", 0.3)
    script = wrapper(tmp_path, kernels, before=f"exec sh -c '{before}'")
    with pytest.raises(NoInterpreter, match=why):
        choose_in(tmp_path, option=script)
    (tmp_path / "bin").mkdir()
    script.rename(tmp_path / "bin" / "python")

    (sentence, *_) = choose_in(tmp_path, VIRTUAL_ENV=str(tmp_path), PATH="").passed_over
    assert why in sentence
    assert "the active virtual environment, is passed over" in sentence
