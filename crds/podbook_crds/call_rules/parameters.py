"""What holds for the parameters of every call, whatever its contract: their number and names."""

import keyword
import re
from collections.abc import Mapping
from typing import Any, Final

from podbook_crds.call_rules.contracts import VIOLATIONS_LIMIT
from podbook_crds.checking.writable import unwritable
from podbook_crds.errors import InvalidParameters, Violation
from podbook_crds.formats.json_pointers import pointer_step

ROOT: Final = "/parameters"

# The same pattern stands in the admission policy: a name becomes code in the notebook.
NAME_PATTERN: Final = r"^[A-Za-z_][A-Za-z0-9_]{0,62}$"
_NAME: Final = re.compile(NAME_PATTERN)

# Names that Python refuses to assign to, in whatever language the notebook is written: what runs it
# may change, and its callers' parameters stay. The policy has the same.
RESERVED: Final = (*keyword.kwlist, "__debug__")

# The CustomResourceDefinition has the same.
COUNT_LIMIT: Final = 256


def check(parameters: Mapping[str, Any], *, language: str = "") -> None:
    """Raise InvalidParameters with everything that no contract can allow."""
    found = misnamed(parameters, language)
    if found:
        raise InvalidParameters(found)


def misnamed(parameters: Mapping[str, Any], language: str = "") -> list[Violation]:
    """Return what cannot be a parameter, or no value in the notebook's language; at most 100.

    An empty language stands for any.
    """
    if len(parameters) > COUNT_LIMIT:
        said = f"there are {len(parameters)} and may be {COUNT_LIMIT}; pass a list or an object"
        return [Violation(ROOT, said)]
    found = bad_names(parameters)
    return [*found, *unwritable(parameters, language, root=ROOT)][:VIOLATIONS_LIMIT]


def bad_names(parameters: Mapping[str, Any], *, root: str = ROOT) -> list[Violation]:
    """Return which of the names no variable can have."""
    return [_bad_name(name, root) for name in parameters if not is_name(name)]


def without_repetition(first: list[Violation], more: list[Violation]) -> list[Violation]:
    """Return both, without a second entry for a place: one mistake, one entry."""
    told = {violation.pointer for violation in first}
    return [*first, *(violation for violation in more if violation.pointer not in told)]


def is_name(name: str) -> bool:
    """Tell whether the name can be a variable in every language that notebooks are written in."""
    return bool(_NAME.fullmatch(name)) and name not in RESERVED


def _bad_name(name: str, root: str) -> Violation:
    why = "the name is not an identifier"
    if keyword.iskeyword(name):
        why = "the name is a keyword of Python"
    elif name in RESERVED:
        why = "the name is none that Python assigns to"
    advice = "use letters, digits and _, at most 63, no digit first"
    return Violation(f"{root}{pointer_step(name)}", f"{why}; {advice}")
