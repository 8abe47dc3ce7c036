"""The whole catalog of notebooks as people's tools save them."""

from typing import Final

from tests.support.real.did import DID, LANGUAGES
from tests.support.real.editors import EDITORS
from tests.support.real.entry import Real
from tests.support.real.formats import FORMATS
from tests.support.real.hosted import HOSTED
from tests.support.real.shown import SHOWN

CATALOG: Final[dict[str, Real]] = {
    real.name: real for real in (*HOSTED, *EDITORS, *FORMATS, *SHOWN, *DID, *LANGUAGES)
}
