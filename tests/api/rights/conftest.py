"""An issuer that is played, for all tests of who may do what."""

from collections.abc import Iterator

import pytest

from tests.support.played_issuer import PlayedIssuer, playing


@pytest.fixture(scope="module")
def issuer() -> Iterator[PlayedIssuer]:
    with playing() as issuer:
        yield issuer
