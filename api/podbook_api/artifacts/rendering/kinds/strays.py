"""What the last call of a cell returned beside its picture: no reader of a report wants it."""

import re
from typing import Final

from podbook_api.artifacts.rendering.book import Json, text_of

# What the calls that draw return: matplotlib's and seaborn's objects, alone, in lists and arrays.
_STRAY: Final = re.compile(
    r"Text\(.*\)|.*<(?:Axes|\w*Container object|[\w.]+(?: object)? at 0x[0-9a-f]+).*", re.DOTALL
)
_LONGEST: Final = 5000


def without_strays(outputs: tuple[Json, ...]) -> tuple[Json, ...]:
    """Return the outputs of a cell without what its last call returned, where it drew a picture."""
    if not any(_is_picture(output) for output in outputs):
        return outputs
    return tuple(output for output in outputs if not _is_stray(output))


def _is_picture(output: Json) -> bool:
    data = output.get("data")
    return isinstance(data, dict) and any(kind.startswith("image/") for kind in data)


def _is_stray(output: Json) -> bool:
    data = output.get("data")
    if output.get("output_type") != "execute_result" or not isinstance(data, dict):
        return False
    plain = text_of(data.get("text/plain"))
    return data.keys() == {"text/plain"} and _STRAY.fullmatch(plain[:_LONGEST]) is not None
