"""What Julia, Scala, C#, F#, Matlab and PowerShell can hold of JSON, as papermill writes it.

Each is a row of what its compiler or its numbers refuse; where nothing is said, everything goes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from podbook_crds.formats.json_pointers import pointer_step

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_PLAIN: Final = re.compile("[ -~]*")
_LONG: Final = 2**63 - 1
_DOUBLE: Final = 2**53


@dataclass(frozen=True, slots=True)
class Language:
    """What one language cannot hold; reserved are names that nothing can be assigned to."""

    title: str
    reserved: frozenset[str]
    # The largest integer, and what becomes of one beyond it.
    largest: int | None = None
    beyond: str = ""
    # Whether a list has to be of one type, with at least one item where nothing else names it.
    one_type: bool = False
    empty_list: bool = True
    null: bool = True
    # Whether whole numbers and others are of one type in a list.
    numbers_mix: bool = True
    underscore_first: bool = True
    any_member_name: bool = True
    surrogates: bool = True

    def judge(self, name: str, value: Any) -> Iterator[tuple[str, str]]:
        """Yield a step of the pointer, or none, and what is wrong there."""
        if name in self.reserved:
            yield "", f"{self.title} takes no value for it; give the parameter another name"
        elif name.startswith("_") and not self.underscore_first:
            yield "", f"a variable of {self.title} does not begin with _; give it another name"
        yield from self._value(value, "")

    def _value(self, value: Any, at: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            yield from self._object(value, at)
        elif isinstance(value, list):
            yield from self._list(value, at)
        elif isinstance(value, str):
            if not self.surrogates and _SURROGATES.search(value):
                yield at, f"the text holds half a surrogate pair, and none of {self.title} can"
        elif value is None:
            if not self.null:
                yield at, f"is null, which cannot be written in {self.title}; leave it out"
        elif isinstance(value, int) and self.largest is not None and abs(value) > self.largest:
            yield at, f"an integer of {self.title} {self.beyond}; send it as text"

    def _object(self, value: dict[str, Any], at: str) -> Iterator[tuple[str, str]]:
        for key, item in value.items():
            below = at + pointer_step(key)
            if not self.any_member_name and not _PLAIN.fullmatch(key):
                yield below, f"the name of a member has to be plain ASCII in {self.title}"
            yield from self._value(item, below)

    def _list(self, value: list[Any], at: str) -> Iterator[tuple[str, str]]:
        if not value and not self.empty_list:
            yield at, f"is an empty list, of which {self.title} knows no type; leave it out"
        if self.one_type and len({self._type(item) for item in value}) > 1:
            yield at, f"a list of {self.title} has items of one type; send it as JSON text"
        for index, item in enumerate(value):
            yield from self._value(item, f"{at}/{index}")

    def _type(self, value: Any) -> str:
        if isinstance(value, list):
            inner = sorted({self._type(item) for item in value})
            return f"list of {', '.join(inner)}"
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return "number" if self.numbers_mix else type(value).__name__
        return type(value).__name__


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_JULIA: Final = Language(
    "Julia",
    _words(
        "baremodule begin catch const do elseif end export false function global let local macro"
        " module quote struct true using"
    ),
)
_SCALA: Final = Language(
    "Scala",
    _words(
        "abstract case catch do extends false final forSome implicit lazy match new null object"
        " override package private protected sealed super this throw trait true type val var"
    ),
    largest=_LONG,
    beyond="has 64 bits",
)
_C_SHARP: Final = Language(
    "C#",
    _words(
        "abstract base bool byte case catch char checked const decimal default delegate do double"
        " enum event explicit extern false fixed float foreach goto implicit int interface"
        " internal lock long namespace new null object operator out override params private"
        " protected public readonly ref sbyte sealed short sizeof stackalloc static string struct"
        " switch this throw true typeof uint ulong unchecked unsafe ushort using virtual void"
        " volatile"
    ),
    largest=_LONG,
    beyond="has 64 bits",
    one_type=True,
    empty_list=False,
    null=False,
)
_F_SHARP: Final = Language(
    "F#",
    _words(
        "abstract base begin const default delegate do done downcast downto end exception extern"
        " false fixed fun function inherit inline interface internal lazy let match member module"
        " mutable namespace new null of open override private public rec sig static struct then to"
        " true type upcast use val void when"
    ),
    largest=_LONG,
    beyond="has 64 bits",
    one_type=True,
    numbers_mix=False,
)
_MATLAB: Final = Language(
    "Matlab",
    _words("case catch classdef end function otherwise parfor persistent spmd switch"),
    largest=_DOUBLE,
    beyond="beyond 2^53 loses digits",
    underscore_first=False,
    any_member_name=False,
    surrogates=False,
)
_POWERSHELL: Final = Language(
    "PowerShell",
    _words("true false null Host host PID pid HOME home PSHOME ShellId ExecutionContext"),
    largest=2**96 - 1,
    beyond="beyond 2^96 loses digits",
    surrogates=False,
)

LANGUAGES: Final[dict[str, Language]] = {
    "julia": _JULIA,
    "scala": _SCALA,
    **dict.fromkeys(("c#", "csharp"), _C_SHARP),
    **dict.fromkeys(("f#", "fsharp"), _F_SHARP),
    "matlab": _MATLAB,
    **dict.fromkeys(("powershell", "pwsh"), _POWERSHELL),
}
