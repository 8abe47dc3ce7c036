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
def test_every_test_that_is_named_exists(
    sentences: list[Sentence], request: pytest.FixtureRequest
) -> None:
    """pytest itself finds them: a name that it does not know is an error."""
    named = {TESTS + test for row in sentences for test in row.tests}

    assert _unknown(named - _found_already(request.session)) == ""


def _found_already(session: pytest.Session) -> set[str]:
    """Return what the run has collected that this test is part of: tests, functions, files."""
    found = {item.nodeid for item in session.items}
    found |= {name.partition("[")[0] for name in found}
    return found | {name.partition("::")[0] for name in found}


def _unknown(named: set[str]) -> str:
    """Return what pytest says where it does not find all of them."""
    if not named:
        return ""
    collect = ["-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, *collect, *sorted(named)],
        cwd=ROOT,
        # This test is part of a run itself, and perhaps of one in several processes.
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    return done.stdout + done.stderr if done.returncode else ""
