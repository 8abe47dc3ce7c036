"""How long a search for a pattern can take is known before anything is searched."""

import math
import re

import pytest

from podbook_crds.checking.patterns import steps


@pytest.mark.parametrize(
    "pattern",
    [
        "^[a-z]{2}-[0-9]{4}$",
        "^(north|south)$",
        r"^\d{4}-\d\d-\d\d$",
        r"^(\d{1,3}\.){3}\d{1,3}$",
        r"^[^@\s]+@[^@\s]+$",
        "^s3://[a-z0-9.-]+/",
        r"^[A-Za-z_][\w]*$",
        "^(?:a|b)?c*$",
        "",
    ],
)
def test_patterns_that_people_write_take_few_steps(pattern: str) -> None:
    assert steps(pattern, 40) < 200_000


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"^([a-z]+\s?)+$", id="words"),
        pytest.param("^(a+)+$", id="nested"),
        pytest.param("^(a|a)*$", id="two ways for one letter, again and again"),
        pytest.param("^(a|aa)+$", id="overlapping choices"),
        pytest.param("^(a?){40}a{40}$", id="counted"),
        pytest.param("(.*)*(.*)*x", id="stars"),
        pytest.param(r"^(.+)\1$", id="leads back"),
        pytest.param("^(?=(a+)+$)", id="looks ahead"),
        pytest.param("(?i)[\x00-\U0010ffff]", id="costly to compile"),
        pytest.param("a" * 501, id="long"),
        pytest.param("a{,5}b**", id="none that this reader knows"),
        pytest.param("[a-z", id="no pattern at all"),
        pytest.param("(", id="left open"),
    ],
)
def test_whatever_may_take_long_is_told_to(pattern: str) -> None:
    assert steps(pattern, 45) > 1e9


def test_more_text_takes_more_steps() -> None:
    assert steps("a*b", 1000) > 1e6
    assert math.isfinite(steps("a*b", 1000))


@pytest.mark.parametrize("pattern", ["[]a]b+", "[^]]*x", r"[\]]c", "a(?:b)c{2}", "x|y|", r"\."])
def test_what_is_read_is_a_pattern_for_python_too(pattern: str) -> None:
    assert re.compile(pattern).pattern == pattern
    assert math.isfinite(steps(pattern, 5))
