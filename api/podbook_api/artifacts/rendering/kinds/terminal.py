"""What a terminal would show of a text, as HTML: colours of all three kinds, styles, links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Final

_NAMES: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
# CSI … m sets a look; OSC 8 begins and ends a link; other commands are for a terminal's window.
_COMMAND: Final = re.compile(
    "\x1b\\[([\\d;:]*)m|\x1b\\]8;[^;\x07\x1b]*;([^\x07\x1b]*)(?:\x07|\x1b\\\\)"
    "|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b\\[[\\d;?]*[A-Za-ln-z]|\x1b[()][0-9A-B]|\x1b[=>78]"
)
_LINK: Final = re.compile(r"https?://[^\s\"'<>]+")
_STYLES: Final = {1: "bold", 2: "faint", 3: "italic", 4: "underline", 7: "inverse", 9: "strike"}
_ENDS: Final = {22: ("bold", "faint"), 23: ("italic",), 24: ("underline",), 27: ("inverse",)}
_LEVELS: Final = (0, 95, 135, 175, 215, 255)


@dataclass(frozen=True, slots=True)
class _Look:
    """Colours are the names of classes' middles, or `#rrggbb`."""

    text: str = ""
    ground: str = ""
    styles: frozenset[str] = frozenset()
    link: str = ""


def as_html(text: str) -> str:
    """Return a text with its commands to a terminal carried out."""
    if "\x1b" not in text:
        return escape(text, quote=False)
    return "".join(_piece(piece, look) for piece, look in _pieces(text) if piece)


def _pieces(text: str) -> Iterator[tuple[str, _Look]]:
    look, at = _Look(), 0
    for command in _COMMAND.finditer(text):
        yield text[at : command.start()], look
        at = command.end()
        if command[1] is not None:
            look = _changed(look, command[1])
        elif command[2] is not None:
            look = replace(look, link=command[2] if _LINK.fullmatch(command[2]) else "")
    yield text[at:], look


def _changed(look: _Look, parameters: str) -> _Look:
    codes = [int(code or 0) for code in re.split("[;:]", parameters)]
    while codes:
        code = codes.pop(0)
        if code == 0:
            look = _Look(link=look.link)
        elif code == 38:  # noqa: PLR2004  (the text's colour, one of many)
            look = replace(look, text=_extended(codes))
        elif code == 48:  # noqa: PLR2004  (the ground's)
            look = replace(look, ground=_extended(codes))
        else:
            look = _with(look, code)
    return look


def _with(look: _Look, code: int) -> _Look:
    if code in _STYLES:
        return replace(look, styles=look.styles | {_STYLES[code]})
    if code in _ENDS:
        return replace(look, styles=look.styles.difference(_ENDS[code]))
    tens, one = divmod(code, 10)
    intense = "-intense" if tens >= 9 else ""  # noqa: PLR2004  (90 to 107 are the bright ones)
    colour = "" if one >= len(_NAMES) else f"{_NAMES[one]}{intense}"
    if tens in (3, 9):
        return replace(look, text=colour)
    if tens in (4, 10):
        return replace(look, ground=colour)
    return look


def _extended(codes: list[int]) -> str:
    """Take a colour from the codes: 5 and its number of 256, or 2 and red, green, blue."""
    kind = codes.pop(0) if codes else 0
    if kind == 5 and codes:  # noqa: PLR2004
        return _of_256(codes.pop(0))
    if kind == 2 and len(codes) >= 3:  # noqa: PLR2004
        parts = [min(codes.pop(0), 255) for _ in range(3)]
        return "#{:02x}{:02x}{:02x}".format(*parts)
    return ""


def _of_256(number: int) -> str:
    if number < 16:  # noqa: PLR2004
        return _NAMES[number % 8] + ("-intense" if number >= len(_NAMES) else "")
    if number < 232:  # noqa: PLR2004
        cube = number - 16
        parts = [_LEVELS[cube // 36], _LEVELS[cube // 6 % 6], _LEVELS[cube % 6]]
    else:
        parts = [min(8 + 10 * (number - 232), 255)] * 3
    return "#{:02x}{:02x}{:02x}".format(*parts)


def _piece(text: str, look: _Look) -> str:
    text = escape(text, quote=False)
    colours, ground = look.text, look.ground
    if "inverse" in look.styles:
        colours, ground = ground or "default-inverse", colours or "default-inverse"
    classes = [f"ansi-{style}" for style in sorted(look.styles - {"inverse"})]
    css = []
    for colour, kind, name in ((colours, "fg", "color"), (ground, "bg", "background-color")):
        if colour.startswith("#"):
            css.append(f"{name}: {colour}")
        elif colour:
            classes.append(f"ansi-{colour}-{kind}")
    if classes or css:
        said = f' class="{" ".join(classes)}"' if classes else ""
        said += f' style="{"; ".join(css)}"' if css else ""
        text = f"<span{said}>{text}</span>"
    if look.link:
        text = f'<a href="{escape(look.link)}" rel="noopener noreferrer" target="_blank">{text}</a>'
    return text
