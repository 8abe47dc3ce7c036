"""The table of ends, as far as notebooks and callers come to them by themselves."""

from typing import Final

from tests.ends.cells import CELLS
from tests.ends.outputs import OUTPUTS
from tests.ends.starts import STARTS
from tests.support.ends import End, as_seen_here

ALL: Final[list[End]] = [*CELLS, *OUTPUTS, *STARTS]
ENDS: Final[list[End]] = [as_seen_here(end) for end in ALL]
