"""A text that the log has is named in a batch, and read as it was told."""

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podbook_crds.log.references import LEAST, referred, referring, whole

TEXTS = st.text(st.sampled_from('a"\\,\n\0\ud83d🙂'), min_size=1, max_size=4)
# Long ones twice as often, and what is no text but as long.
PARTS = st.one_of(TEXTS, TEXTS.map(lambda t: t * LEAST), st.just([1] * LEAST))


def line(parts: Any) -> bytes:
    return json.dumps({"parts": parts}).encode() + b"\n"


def texts_of(parts: list[Any]) -> dict[str, bytes]:
    """Return the JSON of the large texts among them, by digest."""
    written = [json.dumps(part).encode() for part in parts if isinstance(part, str)]
    return {sha256(text).hexdigest(): text for text in written if len(text) >= LEAST}


@given(first=st.lists(PARTS, max_size=3), then=st.lists(PARTS, max_size=3))
@settings(max_examples=25, deadline=None)
def test_what_is_named_is_put_back(first: list[Any], then: list[Any]) -> None:
    unnamed, known = referring(line(first), set())
    told = line(first + then)

    short, digests = referring(told, known)

    assert unnamed == line(first)
    assert known == texts_of(first).keys()
    assert digests == texts_of(first + then).keys()
    assert set(referred(short)) == known
    assert short.count(b"\n") == 1
    assert whole(short, texts_of(first)) == told


def test_a_text_that_is_not_there_is_missed() -> None:
    short, _ = referring(line(["x" * LEAST]), set(texts_of(["x" * LEAST])))

    with pytest.raises(LookupError):
        whole(short, {})
