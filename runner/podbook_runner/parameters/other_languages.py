"""Writes the parameters as a cell of another language than Python: papermill's, made safe."""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from papermill.exceptions import PapermillException
from papermill.translators import (
    CSharpTranslator,
    FSharpTranslator,
    JuliaTranslator,
    MatlabTranslator,
    PowershellTranslator,
    RTranslator,
    ScalaTranslator,
    papermill_translators,
)

from podbook_crds.call_rules.parameters import ROOT
from podbook_crds.errors import InvalidParameters, Violation

# What papermill calls a language that has another name here: some by the name of their kernel.
_PAPERMILL_NAMES: Final = {
    "r": "R",
    **dict.fromkeys(("c#", "csharp"), ".net-csharp"),
    **dict.fromkeys(("f#", "fsharp"), ".net-fsharp"),
    **dict.fromkeys(("powershell", "pwsh"), ".net-powershell"),
}
# The last character that `\u` and four digits can name; beyond stand `\U` and eight.
_LAST_SHORT: Final = 0xFFFF
# What stands in a string of Matlab as it is, and what cannot.
_PIECES: Final = re.compile("([ -~]+)|([^ -~]+)")
_SHORT_ESCAPES: Final = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


class _R(RTranslator):  # type: ignore[misc]
    r"""R without `\xfc`: that is a byte there, and beside a `\u` the string is no R at all."""

    @classmethod
    def translate_escaped_str(cls, val: object) -> str:
        text = str(val)
        if bad := next((c for c in text if c == "\0" or "\ud800" <= c <= "\udfff"), None):
            raise NotImplementedError(f"no string can hold {bad!r}")
        return _quoted(text, _SHORT_ESCAPES)

    @classmethod
    def translate_float(cls, val: float) -> str:
        return _number(val)


class _Julia(JuliaTranslator):  # type: ignore[misc]
    """Julia with `$` escaped: `"$(run(...))"` would run what a caller sends."""

    @classmethod
    def translate_escaped_str(cls, val: object) -> str:
        return _quoted(str(val), _SHORT_ESCAPES | {"$": r"\$"})

    @classmethod
    def translate_float(cls, val: float) -> str:
        return _number(val)


class _PowerShell(PowershellTranslator):  # type: ignore[misc]
    """PowerShell in single quotes, in which nothing is special but the quotes themselves."""

    @classmethod
    def translate_escaped_str(cls, val: object) -> str:
        # It takes the typographic ones for quotes as well.
        quotes = "'\u2018\u2019\u201a\u201b"
        return "'" + "".join(c * 2 if c in quotes else c for c in str(val)) + "'"


class _CSharp(CSharpTranslator):  # type: ignore[misc]
    r"""C# without `\xfc`, which takes up to four digits: the letters that follow may be such."""

    @classmethod
    def translate_escaped_str(cls, val: object) -> str:
        return _quoted(str(val), _SHORT_ESCAPES)


class _FSharp(FSharpTranslator):  # type: ignore[misc]
    """F# with every letter by its number, in a form of one length."""

    @classmethod
    def translate_escaped_str(cls, val: object) -> str:
        return _quoted(str(val), _SHORT_ESCAPES)


class _Scala(ScalaTranslator):  # type: ignore[misc]
    r"""Scala, which knows `\u` and four digits alone: others stand as their two surrogates."""

    @classmethod
    def translate_escaped_str(cls, val: object) -> str:
        units = str(val).encode("utf-16-be", "surrogatepass")
        pairs = zip(units[::2], units[1::2], strict=True)
        return _quoted("".join(chr(high << 8 | low) for high, low in pairs), _SHORT_ESCAPES)


class _Matlab(MatlabTranslator):  # type: ignore[misc]
    r"""Matlab, which knows no `\n` in a string: what is not plain stands by its number."""

    @classmethod
    def translate_escaped_str(cls, val: object) -> str:
        pieces = [
            f'"{plain}"' if plain else f"char([{_units(other)}])"
            for plain, other in _PIECES.findall(str(val).replace('"', '""'))
        ]
        return " + ".join(pieces if pieces and pieces[0][0] == '"' else ['""', *pieces])


_SAFE: Final = {
    RTranslator: _R,
    JuliaTranslator: _Julia,
    MatlabTranslator: _Matlab,
    PowershellTranslator: _PowerShell,
    CSharpTranslator: _CSharp,
    FSharpTranslator: _FSharp,
    ScalaTranslator: _Scala,
}


def source(parameters: Mapping[str, Any], *, language: str, kernel: str | None) -> str:
    """Return the cell's code; raises InvalidParameters where the language cannot write a value."""
    try:
        known = _PAPERMILL_NAMES.get(language, language)
        found = papermill_translators.find_translator(kernel or "", known)
        return str(_SAFE.get(found, found).codify(dict(parameters), "Parameters"))
    except (PapermillException, NotImplementedError) as error:
        said = f"cannot be written in {language}: {error}"
        raise InvalidParameters([Violation(ROOT, said)]) from error


def _quoted(text: str, escapes: Mapping[str, str]) -> str:
    return '"' + "".join(escapes.get(c) or _character(c) for c in text) + '"'


def _character(character: str) -> str:
    """Return printable ASCII as it is: the kernel's locale may know no other."""
    code = ord(character)
    if " " <= character <= "~":
        return character
    return f"\\u{code:04x}" if code <= _LAST_SHORT else f"\\U{code:08x}"


def _units(text: str) -> str:
    """Return the numbers of a text's characters, as UTF-16 has them."""
    units = text.encode("utf-16-be", "surrogatepass")
    return " ".join(str(high << 8 | low) for high, low in zip(units[::2], units[1::2], strict=True))


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return repr(value) if math.isfinite(value) else ("Inf" if value > 0 else "-Inf")
