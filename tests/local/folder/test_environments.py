"""What a notebook says it needs becomes an environment: locked, shared, and changed by nobody."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from podbook_catalog.checks.checked import check_folder
from podbook_catalog.environments.dockerfile import dockerfile, requirements
from podbook_catalog.environments.environments import Environments, Made, NoEnvironment
from podbook_catalog.environments.needs import Needs, needs_of
from podbook_catalog.locked.lock_file import LockedEnvironment
from podbook_catalog.settings.errors import Mistaken
from podbook_crds.resources.notebook import Runtime
from podbook_operator.rules import environments as rules
from rig.ipynb import notebook

BLOCK = """# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "pandas>=2",
#   "six",
# ]
# ///
import pandas"""
LOCK = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("cells", "asked", "found"),
    [
        pytest.param(["import six"], None, None, id="nothing is said"),
        pytest.param([BLOCK], None, (("ipykernel", "pandas>=2", "six"), ">=3.11"), id="a block"),
        pytest.param(["1", BLOCK], None, None, id="a block of another cell"),
        pytest.param(["1"], ["six"], (("ipykernel", "six"), ""), id="the config"),
        pytest.param(["# /// other\n# a = 1\n# ///"], None, None, id="another tool's block"),
    ],
)
def test_needs_are_read_from_the_first_cell_or_the_config(
    cells: list[str], asked: list[str] | None, found: Any
) -> None:
    needs = needs_of(notebook(*cells), asked)

    assert (needs and (needs.requirements, needs.python)) == found


@pytest.mark.parametrize(
    ("cell", "asked", "told"),
    [
        pytest.param(BLOCK, ["six"], "keep one of them", id="both"),
        pytest.param("# /// script\n# a = \n# ///", None, "is no TOML", id="no TOML"),
        pytest.param("# /// script\n# dependencies = 1\n# ///", None, "a list of texts", id="one"),
        pytest.param("1", ["--index-url=x"], "is no requirement", id="an option"),
        pytest.param("1", ["a\nb"], "is no requirement", id="two lines"),
        pytest.param("1", ["six"] * 2000, "more than 4096 characters", id="too many"),
    ],
)
def test_what_cannot_be_needed_is_told(cell: str, asked: list[str] | None, told: str) -> None:
    with pytest.raises(Mistaken, match=told):
        needs_of(notebook(cell), asked)


def made(environments: Environments, needs: Needs) -> Made:
    """Return the environment as soon as it is made."""
    while True:
        environments.begin(changed=False)
        try:
            return environments.get(needs)
        except NoEnvironment as error:
            if "is being made" not in str(error):
                raise
            time.sleep(0.05)


def test_an_environment_is_made_once_and_shared(tmp_path: Path) -> None:
    pytest.importorskip("uv")
    needs = Needs(("six==1.17.0",))
    first = made(Environments(tmp_path, Path(sys.executable), os.environ), needs)

    # Another `podbook up` takes it as it is, though nothing could be made any more.
    broken = {**os.environ, "UV_OFFLINE": "1", "UV_CACHE_DIR": str(tmp_path / "empty")}
    second = made(Environments(tmp_path, Path(sys.executable), broken), needs)
    assert first == second
    assert first.lock.startswith("sha256:")
    said = [str(first.python), "-c", "import six; print(six.__file__, six.__version__)"]
    file, version = subprocess.check_output(said, text=True).split()
    assert version == "1.17.0"
    assert stat.S_IMODE(Path(file).stat().st_mode) & 0o222 == 0

    with pytest.raises(NoEnvironment, match=r"six==0\.0\.1\) cannot be made: uv says: "):
        made(Environments(tmp_path, Path(sys.executable), broken), Needs(("six==0.0.1",)))


def test_what_cannot_be_honoured_is_refused_and_never_run_without() -> None:
    needy = Runtime(environment=LOCK)

    assert "no image holds them here" in rules.problem(needy)
    in_image = rules.in_its_image(needy, {LOCK: "registry/needs:1"})
    assert (rules.problem(in_image), in_image.image) == ("", "registry/needs:1")
    own = Runtime(environment=LOCK, image="registry/own:1")
    assert rules.in_its_image(own, {LOCK: "registry/needs:1"}) == own
    assert rules.problem(Runtime(environment=LOCK, command=["/env/bin/python"])) == ""
    assert rules.problem(Runtime()) == ""


def test_a_check_tells_what_is_wrong_with_needs_and_makes_nothing(tmp_path: Path) -> None:
    import json

    (tmp_path / "a.ipynb").write_text(json.dumps(notebook(BLOCK)))
    (tmp_path / "b.ipynb").write_text(json.dumps(notebook("1")))
    (tmp_path / "b.config.json").write_text('{"requirements": ["-r other.txt"]}')
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}

    checked = check_folder(tmp_path, python=None, environment=environment)

    assert [(f.file, f.pointer) for f in checked.faults] == [("b.config.json", "/requirements")]
    assert not (tmp_path / "cache").exists()


def test_a_cluster_s_images_of_what_is_needed_are_written_by_lock() -> None:
    uvs = "six==1.17.0 ; python_version < '4' \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
    lines = requirements(uvs)
    assert lines == ['six==1.17.0 ; python_version < "4" --hash=sha256:aa --hash=sha256:bb']
    kept, other = (
        LockedEnvironment(requirements=["ipykernel", "six"], python=python, lock=lines)
        for python in (">=3.11", "")
    )
    # By other words for the same lock: one environment, one image.
    again = other.model_copy(update={"requirements": ["six"]})
    used_by = {kept.digest: ["b.ipynb", "a\nRUN evil.ipynb"], other.digest: ["c.ipynb"]}

    text = dockerfile([kept, other, again], used_by, version="1")

    assert kept.digest != other.digest == again.digest
    targets = {part.split()[0] for part in text.split(" AS ")[1:]}
    for each in (kept, other):
        target = f"lock-{each.digest.removeprefix('sha256:')[:16]}"
        assert target in targets
        assert f'"{each.digest}": REGISTRY/podbook-environments:{target}' in text
    assert [line.split()[0] for line in text.splitlines() if line and line[0] not in "# '"] == [
        "ARG",
        *2 * ("FROM", "USER", "RUN", "USER"),
    ]
    assert text.count("--require-hashes") == 2
