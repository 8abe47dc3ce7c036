"""Characters that stand in no path and no name: they break lines, and hide what stands there."""

from typing import Final

# C0, DEL and C1, as they stand within the brackets of a regular expression.
CONTROL: Final = r"\x00-\x1f\x7f-\x9f"
