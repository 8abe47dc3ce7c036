"""Every sentence of the documents that Podbook was asked for with is proved by tests that exist."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.seeds import jupyrest_readme, sqr_065_noteburst
from tests.seeds.sentence import TESTS, Sentence

ROOT = Path(__file__).parents[2]

# In the order of the document, sentence by sentence; a block of code is a row of its own.
SEEDS = {
    "jupyrest's README": jupyrest_readme.SENTENCES,
    "the Noteburst note": sqr_065_noteburst.SENTENCES,
}

pytestmark = pytest.mark.parametrize("sentences", SEEDS.values(), ids=SEEDS)


def test_a_sentence_is_proved_or_is_prose_with_a_reason(sentences: list[Sentence]) -> None:
    assert [row.words for row in sentences if bool(row.tests) == bool(row.prose)] == []


def test_no_sentence_stands_twice(sentences: list[Sentence]) -> None:
    words = [row.words for row in sentences]

    assert len(set(words)) == len(words)


@pytest.mark.timeout(240)
def test_every_test_that_is_named_exists(sentences: list[Sentence]) -> None:
    """pytest itself finds them: a name that it does not know is an error."""
    named = sorted({TESTS + test for row in sentences for test in row.tests})
    collect = ["-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, *collect, *named],
        cwd=ROOT,
        # This test is part of a run itself, and perhaps of one in several processes.
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
