"""Single widgets as plain HTML: what each shows of its state."""

from collections.abc import Callable
from html import escape
from typing import Any, Final

from podbook_api.artifacts.rendering.book import Json, text_of

# In a state: whether moving it moves another one, without a kernel.
LIVE: Final = "podbook:live"
_STYLES: Final = ("success", "info", "warning", "danger", "primary")

Draw = Callable[[Json], str]


def _image(state: Json) -> str:
    kind, data = text_of(state.get("format")), text_of(state.get("value"))
    if not kind.isalnum() or not data:
        return '<span class="podbook-note">An image without content</span>'
    return f'<img class="podbook-picture" alt="" src="data:image/{kind};base64,{escape(data)}">'


def _password(state: Json) -> str:
    shown = "•••" if state.get("value") else ""
    return _labelled(state, f'<span class="podbook-value">{shown}</span>')


def _text(state: Json, name: str) -> str:
    return escape(text_of(state.get(name)))


def _labelled(state: Json, inner: str) -> str:
    said = _text(state, "description")
    label = f'<span class="podbook-label">{said}</span>' if said else ""
    return f'<span class="podbook-widget">{label}{inner}</span>'


def _html(state: Json) -> str:
    return _labelled(state, f'<div class="podbook-html">{text_of(state.get("value"))}</div>')


def _label(state: Json) -> str:
    return _labelled(state, f"<span>{_text(state, 'value')}</span>")


def _progress(state: Json) -> str:
    value, low, high = (
        _number(state.get(n), d) for n, d in (("value", 0), ("min", 0), ("max", 100))
    )
    share = f'value="{value - low:g}" max="{high - low:g}" data-from="{low:g}"'
    return _labelled(
        state, f'<progress class="podbook-bar{_style("bar", state)}" {share}></progress>'
    )


def _style(part: str, state: Json) -> str:
    style = state.get(f"{part}_style")
    return f" podbook-{part}-{style}" if style in _STYLES else ""


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, int | float) else float(default)


def _slider(state: Json) -> str:
    low, high, value, step = (
        _number(state.get(n), d) for n, d in (("min", 0), ("max", 100), ("value", 0), ("step", 1))
    )
    # Without `disabled` a phone would let it be dragged, to no effect.
    moves = f'step="{step:g}"' if state.get(LIVE) else 'step="any" disabled'
    control = f'<input type="range" min="{low:g}" max="{high:g}" value="{value:g}" {moves}>'
    return _labelled(state, f"{control}<output>{escape(str(state.get('value')))}</output>")


def _button(state: Json) -> str:
    # One with a sign alone is called by that sign's name.
    said = next(filter(None, (_text(state, n) for n in ("description", "tooltip", "icon"))), "")
    classes = f"podbook-button{_style('button', state)}"
    return f'<button type="button" class="{classes}" disabled>{said}</button>'


def _play(state: Json) -> str:
    if not state.get(LIVE):
        return ""
    steps = ("min", "max", "step", "interval")
    told = " ".join(f'data-{n}="{_number(state.get(n), 1):g}"' for n in steps)
    value = _number(state.get("value"), 0)
    return f'<button type="button" class="podbook-play" {told} data-value="{value:g}">▶</button>'


def _checkbox(state: Json) -> str:
    checked = " checked" if state.get("value") else ""
    fixed = "" if state.get(LIVE) else " disabled"
    said = _text(state, "description")
    return f'<label class="podbook-widget"><input type="checkbox"{fixed}{checked}>{said}</label>'


def _valid(state: Json) -> str:
    return _labelled(state, "✓" if state.get("value") else f"✗ {_text(state, 'readout')}")


def _choice(state: Json) -> str:
    options, index = state.get("_options_labels"), state.get("index")
    chosen = index if isinstance(index, list) else [index]
    labels = options if isinstance(options, list) else []
    named = [str(labels[i]) for i in chosen if isinstance(i, int) and 0 <= i < len(labels)]
    return _labelled(state, f'<span class="podbook-value">{escape(", ".join(named))}</span>')


def _value(state: Json) -> str:
    value = state.get("value")
    text = (
        ""
        if value is None
        else ", ".join(map(str, value))
        if isinstance(value, list)
        else str(value)
    )[:2000]
    if state.get(LIVE) and not isinstance(value, list):
        kind = "text" if isinstance(value, str) else "number"
        inner = f'<input type="{kind}" class="podbook-value" step="any" value="{escape(text)}">'
    else:
        inner = f'<span class="podbook-value">{escape(text)}</span>'
    return _labelled(state, inner)


def _moment(state: Json) -> str:
    """Draw a date or a time, which are kept as JavaScript counts them: months from zero."""
    parts = state.get("value")
    value: Json = parts if isinstance(parts, dict) else {}
    names = ("year", "month", "date", "hours", "minutes", "seconds")
    numbers = {n: int(v) for n, v in value.items() if n in names and isinstance(v, int | float)}
    day = clock = ""
    if {"year", "month", "date"} <= numbers.keys():
        day = f"{numbers['year']:04d}-{numbers['month'] + 1:02d}-{numbers['date']:02d}"
    if {"hours", "minutes"} <= numbers.keys():
        clock = f"{numbers['hours']:02d}:{numbers['minutes']:02d}:{numbers.get('seconds', 0):02d}"
    said = " ".join(filter(None, (day, clock)))
    return _labelled(state, f'<span class="podbook-value">{said}</span>')


def _hidden(_: Json) -> str:
    return ""


def _all(draw: Draw, *names: str) -> dict[str, Draw]:
    return {f"{name}Model": draw for name in names}


CONTROLS: Final[dict[str, Draw]] = {
    **_all(_html, "HTML", "HTMLMath"),
    **_all(_label, "Label"),
    **_all(_progress, "FloatProgress", "IntProgress"),
    **_all(_slider, "IntSlider", "FloatSlider", "FloatLogSlider"),
    **_all(_button, "Button", "FileUpload"),
    **_all(_checkbox, "Checkbox", "ToggleButton"),
    **_all(_valid, "Valid"),
    **_all(_choice, "Dropdown", "Select", "SelectMultiple", "RadioButtons", "ToggleButtons"),
    **_all(_choice, "SelectionSlider", "SelectionRangeSlider"),
    **_all(_value, "Text", "Textarea", "Combobox", "IntText", "FloatText", "BoundedIntText"),
    **_all(_value, "BoundedFloatText", "IntRangeSlider", "FloatRangeSlider"),
    **_all(_value, "ColorPicker", "TagsInput", "ColorsInput", "FloatsInput", "IntsInput"),
    **_all(_moment, "DatePicker", "Datetime", "NaiveDatetime", "Time"),
    **_all(_image, "Image"),
    **_all(_password, "Password"),
    **_all(_play, "Play"),
    **_all(_hidden, "Controller", "DOMWidget"),
}
