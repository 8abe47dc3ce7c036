"""Whatever models.py does when it is imported, it is told in a sentence and harms nobody else."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from podbook_catalog.interpreter import Interpreter
from podbook_catalog.models import model_reading, shared_models
from podbook_catalog.models.shared_models import BrokenModels, SharedModels
from rig.running import mentioning
from rig.until import eventually

PYTHON = Interpreter(Path(sys.executable), Path(sys.prefix), "3", "the tests")
MODELS = """
import atexit, ctypes, os, subprocess, sys, threading, time
from podbook.nbschema import ModelCollection, NbSchemaBase

class Sample(NbSchemaBase):
    foo: str

collection = ModelCollection()
collection.add_model(alias="sample", model_type=Sample)
"""
HANGS = "while True: time.sleep(1)"
# Ends as soon as the test lets it.
WAITS = "while not os.path.exists('go'): time.sleep(0.01)"


@pytest.fixture
def models(tmp_path: Path) -> Iterator[SharedModels]:
    found = SharedModels(tmp_path, PYTHON, dict(os.environ))
    yield found
    found.begin([])
    found.close()


def write(models: SharedModels, added: str, *, folder: str = "") -> None:
    (models.root / folder).mkdir(exist_ok=True)
    (models.root / folder / "models.py").write_text(f"{MODELS}\n{added}\n")


def problem(models: SharedModels, folder: str = "") -> str:
    with pytest.raises(BrokenModels) as broken:
        models.read(PurePosixPath(folder), [])
    return str(broken.value)


@pytest.mark.parametrize(
    "added",
    [
        pytest.param("print('x' * 20_000_000)", id="prints megabytes"),
        pytest.param("os.write(1, b'{}')", id="writes where the answer goes"),
        pytest.param("atexit.register(os.write, 1, b'bye')", id="writes when it ends"),
        pytest.param("threading.Thread(target=time.sleep, args=[1e6]).start()", id="a thread"),
    ],
)
def test_what_it_does_besides_is_no_matter(models: SharedModels, added: str) -> None:
    write(models, added)

    assert "sample" in models.read(PurePosixPath(), [])


def test_what_it_starts_is_ended_with_it(models: SharedModels) -> None:
    mark = f"'{models.root}'"
    code = f"import time; {mark}; time.sleep(1e6)"
    write(models, f"subprocess.Popen([sys.executable, '-c', {code!r}])")

    assert "sample" in models.read(PurePosixPath(), [])

    eventually(lambda: not mentioning(mark), "the process that it started has ended")


@pytest.mark.parametrize(
    ("added", "said"),
    [
        pytest.param("sys.exit(0)", "models cannot be imported: SystemExit: 0", id="sys.exit"),
        pytest.param("os._exit(0)", "ends Python itself, with exit status 0", id="os._exit"),
        pytest.param("os.abort()", "ends Python itself, with signal SIGABRT", id="a crash"),
        pytest.param("input()", "EOFError", id="asks a question"),
        pytest.param("class (:", "SyntaxError", id="no Python"),
    ],
)
def test_how_it_fails_is_said(models: SharedModels, added: str, said: str) -> None:
    write(models, added)

    assert said in problem(models)


def test_an_import_without_end_is_ended(
    models: SharedModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_reading, "LIMIT_SECONDS", 2.0)
    write(models, HANGS)

    assert problem(models) == "models: its import does not end within 2 s"
    assert not models.is_waiting


class TestWaiting:
    """An import that takes long is waited for in the background."""

    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shared_models, "PATIENCE_SECONDS", 0.0)

    def begin(self, models: SharedModels, *folders: str) -> None:
        """Begin a pass in which none of the modules has been read yet."""
        models.begin(["models"])
        for folder in folders or [""]:
            assert "is served when it has been read" in problem(models, folder)

    def let_it_end(self, models: SharedModels, folder: str = "") -> None:
        (models.root / folder / "go").touch()
        eventually(lambda: models.has_news, "it has been read")
        models.begin_again()

    def test_nobody_else_waits_for_it(self, models: SharedModels) -> None:
        write(models, HANGS, folder="hangs")
        write(models, WAITS, folder="good")
        self.begin(models, "hangs", "good")

        self.let_it_end(models, "good")

        assert "sample" in models.read(PurePosixPath("good"), [])
        assert not models.is_waiting
        assert "is served when" in problem(models, "hangs")
        assert models.is_waiting

    def test_once_it_is_mended_nothing_is_left_of_it(self, models: SharedModels) -> None:
        write(models, HANGS)
        self.begin(models)
        write(models, WAITS)
        self.begin(models)

        self.let_it_end(models)

        assert "sample" in models.read(PurePosixPath(), [])
        assert not models.is_waiting

    def test_meanwhile_what_it_said_before_holds(self, models: SharedModels) -> None:
        write(models, WAITS)
        self.begin(models)
        self.let_it_end(models)
        before = models.read(PurePosixPath(), [])
        write(models, HANGS)

        models.begin(["models"])

        assert models.read(PurePosixPath(), []) == before
        assert models.is_waiting

    def test_at_the_end_no_reading_is_left(self, models: SharedModels) -> None:
        write(models, HANGS)
        self.begin(models)

        models.close()

        eventually(lambda: not mentioning(os.fspath(models.root)), "the reading has ended")
        assert "everything is ending" in problem(models)
