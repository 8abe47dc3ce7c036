"""Podbook as people install it: from a wheel or an sdist, into any Python that it is for."""

import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from rig.ipynb import notebook
from tests.installed.conftest import Install, kept, pythons

SAVES = "import sys, podbook\npodbook.save_output([name, sys.version_info[:2]])"
CURRENT = pythons(at_least=(3, 11))
OLDER = pythons(at_least=(3, 8), below=(3, 11))


def minor(python: Path) -> str:
    return subprocess.run(
        [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def podbook(environment: Path, *arguments: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [environment / "bin/podbook", *arguments],
        cwd=at,
        env={
            **{k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}},
            "XDG_DATA_HOME": str(at / "data"),
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@contextmanager
def served(environment: Path, folder: Path) -> Iterator[None]:
    """Serve the folder, as the installed command does, for as long as the block takes."""
    command = [str(environment / "bin/podbook"), "up", str(folder), "--port", "0"]
    home = {**os.environ, "XDG_DATA_HOME": str(folder / "data")}
    with subprocess.Popen(command, env=home, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert any("Ctrl-C stops everything" in line for line in process.stdout)
            yield
        finally:
            process.terminate()


def test_the_wheel_of_the_sdist_holds_all_that_is_no_code(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()

    assert sum(name.startswith("podbook_api/web/built/") for name in names) >= 3
    assert sum(name.startswith("podbook_crds/manifests/") for name in names) == 3
    assert not [name for name in names if name.startswith("tests")]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("python", CURRENT, ids=minor)
def test_a_folder_is_served_by_what_was_installed(
    python: Path, built: Path, install: Install, tmp_path: Path
) -> None:
    """The base has SDK and command line; with its extra the same environment serves and runs."""
    (wheel,) = built.glob("*.whl")
    hello = notebook(SAVES, parameters='name = "you"')
    (tmp_path / "hello.ipynb").write_text(json.dumps(hello))
    base = install(python, str(wheel))

    assert podbook(base, "--version", at=tmp_path).stdout.startswith("podbook ")
    refused = podbook(base, "up", ".", at=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert f"uv pip install --python {base}/bin/python 'podbook[local]'" in refused.stderr
    refused = podbook(base, "run", "hello", at=tmp_path)
    assert (refused.returncode, "podbook[local]" in refused.stderr) == (2, True)

    with kept(python, f"podbook[local] @ {wheel.as_uri()}", anew="podbook") as environment:
        done = podbook(environment, "run", "hello", "-p", "name=me", at=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["me", [int(n) for n in minor(python).split(".")]]


@pytest.mark.timeout(240)
def test_kernels_of_older_pythons_run_beside_what_was_installed(
    built: Path, tmp_path: Path
) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with ExitStack() as stack:
        server = stack.enter_context(
            kept(CURRENT[0], f"podbook[local] @ {sdist.as_uri()}", anew="podbook")
        )
        for python in OLDER:
            _save(tmp_path, stack.enter_context(kept(python, "ipykernel")), minor(python))
        stack.enter_context(served(server, tmp_path))
        for python in OLDER:
            version = minor(python)
            done = podbook(server, "run", f"on-{version}", at=tmp_path)
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout) == ["you", [int(n) for n in version.split(".")]]


def _save(folder: Path, environment: Path, version: str) -> None:
    """Save a notebook whose config names the kernel's own interpreter."""
    kernel = [str(environment / "bin/python"), "-m", "ipykernel_launcher", "-f"]
    config: dict[str, Any] = {"runtime": {"command": [*kernel, "{connection_file}"]}}
    (folder / f"on-{version}.config.json").write_text(json.dumps(config))
    hello = notebook(SAVES, parameters='name = "you"')
    (folder / f"on-{version}.ipynb").write_text(json.dumps(hello))
