"""Widgets as they were when the notebook was saved, in plain HTML: no kernel is there to answer."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, Final

from podbook_api.artifacts.rendering.book import Json, text_of

_REFERENCE: Final = "IPY_MODEL_"
# Boxes in boxes, at most; a model may name itself.
_DEEPEST: Final = 20

DrawOutput = Callable[[Json], str]
DrawFigure = Callable[[str, Any], str]


class Widgets:
    """Draws models by their ids; their captured outputs are drawn as a cell's are."""

    def __init__(self, models: dict[str, Json], output: DrawOutput, figure: DrawFigure) -> None:
        self._models = models
        self._output = output
        self._figure = figure
        self._depth = 0

    def draw(self, view: Any) -> str | None:
        """Return the widget of a view, or None where it is not known how it looks."""
        found = view.get("model_id") if isinstance(view, dict) else None
        return self._model(found) if isinstance(found, str) else None

    def _model(self, name: str) -> str | None:
        model = self._models.get(name)
        if model is None or self._depth >= _DEEPEST:
            return None
        state = model["state"] | _buffers(model)
        kind = str(model.get("model_name") or state.get("_model_name"))
        draw = _KINDS.get(kind)
        self._depth += 1
        try:
            return None if draw is None else draw(self, state)
        finally:
            self._depth -= 1

    def _each(self, state: Json) -> list[str]:
        """Return the widgets that a box holds; one that is not known is said to be there."""
        children = state.get("children")
        names = [c for c in children if isinstance(c, str)] if isinstance(children, list) else []
        return [self._child(name.removeprefix(_REFERENCE)) for name in names]

    def _child(self, name: str) -> str:
        drawn = self._model(name)
        if drawn is not None:
            return drawn
        kind = str(self._models.get(name, {}).get("model_name", "widget")).removesuffix("Model")
        return f'<span class="podbook-note">{escape(kind[:80])}</span>'

    def box(self, state: Json, *, across: bool = False) -> str:
        """Draw a box with what is in it."""
        kind = "row" if across else "column"
        return f'<div class="podbook-{kind}">{"".join(self._each(state))}</div>'

    def titled(self, state: Json) -> str:
        """Draw tabs and accordions: all of their parts, those not in front folded."""
        titles, old = state.get("titles"), state.get("_titles")
        chosen = state.get("selected_index")
        parts = []
        for place, inner in enumerate(self._each(state)):
            title = titles[place] if isinstance(titles, list) and place < len(titles) else None
            if title is None and isinstance(old, dict):
                title = old.get(str(place))
            name = escape(str(title or f"Part {place + 1}"))
            state_of = " open" if place == chosen else ""
            parts.append(f"<details{state_of}><summary>{name}</summary>{inner}</details>")
        return f'<div class="podbook-column">{"".join(parts)}</div>'

    def captured(self, state: Json) -> str:
        """Draw what was shown inside an Output widget."""
        outputs = state.get("outputs")
        kept = [o for o in outputs if isinstance(o, dict)] if isinstance(outputs, list) else []
        return f'<div class="podbook-captured">{"".join(map(self._output, kept))}</div>'

    def figure(self, state: Json) -> str | None:
        """Draw the figures of plotly and altair, which bring their own code for a live kernel."""
        data, spec = state.get("_widget_data", state.get("_data")), state.get("spec")
        if isinstance(data, list):
            layout = state.get("_widget_layout", state.get("_layout")) or {}
            return self._figure("plotly", {"data": data, "layout": layout})
        if isinstance(spec, dict) and spec:
            return self._figure("vega", spec)
        return self._own_code(state)

    def _own_code(self, state: Json) -> str | None:
        """Run the code of an anywidget with its state as it was: no kernel answers it."""
        if not isinstance(state.get("_esm"), str):
            return None
        kept = {name: value for name, value in state.items() if not name.startswith("_")}
        parts = {"module": state["_esm"], "style": text_of(state.get("_css"))}
        return self._figure("anywidget", {**parts, "state": kept})


def _buffers(model: Json) -> Json:
    """Return what of a state was written beside it, as base64: the bytes of images."""
    buffers = model.get("buffers")
    found: Json = {}
    for each in buffers if isinstance(buffers, list) else []:
        path = each.get("path") if isinstance(each, dict) else None
        if isinstance(path, list) and len(path) == 1 and each.get("encoding") == "base64":
            found[str(path[0])] = text_of(each.get("data"))
    return found


def _image(_: Widgets, state: Json) -> str:
    kind, data = text_of(state.get("format")), text_of(state.get("value"))
    if not kind.isalnum() or not data:
        return '<span class="podbook-note">An image without content</span>'
    return f'<img class="podbook-picture" alt="" src="data:image/{kind};base64,{escape(data)}">'


def _password(_: Widgets, state: Json) -> str:
    shown = "•••" if state.get("value") else ""
    return _labelled(state, f'<span class="podbook-value">{shown}</span>')


def _text(state: Json, name: str) -> str:
    return escape(text_of(state.get(name)))


def _labelled(state: Json, inner: str) -> str:
    said = _text(state, "description")
    label = f'<span class="podbook-label">{said}</span>' if said else ""
    return f'<span class="podbook-widget">{label}{inner}</span>'


def _html(_: Widgets, state: Json) -> str:
    return _labelled(state, f'<div class="podbook-html">{text_of(state.get("value"))}</div>')


def _label(_: Widgets, state: Json) -> str:
    return _labelled(state, f"<span>{_text(state, 'value')}</span>")


def _progress(_: Widgets, state: Json) -> str:
    value, low, high = (
        _number(state.get(n), d) for n, d in (("value", 0), ("min", 0), ("max", 100))
    )
    style = state.get("bar_style")
    kind = f" podbook-bar-{style}" if style in ("success", "info", "warning", "danger") else ""
    share = f'value="{value - low:g}" max="{high - low:g}"'
    return _labelled(state, f'<progress class="podbook-bar{kind}" {share}></progress>')


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, int | float) else float(default)


def _slider(_: Widgets, state: Json) -> str:
    low, high, value = (
        _number(state.get(n), d) for n, d in (("min", 0), ("max", 100), ("value", 0))
    )
    # Without `disabled` a phone would let it be dragged, to no effect.
    control = (
        f'<input type="range" min="{low:g}" max="{high:g}" step="any" value="{value:g}" disabled>'
    )
    return _labelled(state, f"{control}<output>{escape(str(state.get('value')))}</output>")


def _button(_: Widgets, state: Json) -> str:
    return f'<button type="button" disabled>{_text(state, "description")}</button>'


def _checkbox(_: Widgets, state: Json) -> str:
    checked = " checked" if state.get("value") else ""
    said = _text(state, "description")
    return f'<label class="podbook-widget"><input type="checkbox" disabled{checked}>{said}</label>'


def _valid(_: Widgets, state: Json) -> str:
    return _labelled(state, "✓" if state.get("value") else f"✗ {_text(state, 'readout')}")


def _choice(_: Widgets, state: Json) -> str:
    options, index = state.get("_options_labels"), state.get("index")
    chosen = index if isinstance(index, list) else [index]
    labels = options if isinstance(options, list) else []
    named = [str(labels[i]) for i in chosen if isinstance(i, int) and 0 <= i < len(labels)]
    return _labelled(state, f'<span class="podbook-value">{escape(", ".join(named))}</span>')


def _value(_: Widgets, state: Json) -> str:
    value = state.get("value")
    text = (
        ""
        if value is None
        else ", ".join(map(str, value))
        if isinstance(value, list)
        else str(value)
    )
    return _labelled(state, f'<span class="podbook-value">{escape(text[:2000])}</span>')


def _moment(_: Widgets, state: Json) -> str:
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


def _hidden(_: Widgets, __: Json) -> str:
    return ""


def _all(draw: Callable[[Widgets, Json], str | None], names: Iterable[str]) -> dict[str, Any]:
    return {f"{name}Model": draw for name in names}


_KINDS: Final[dict[str, Callable[[Widgets, Json], str | None]]] = {
    **_all(lambda w, s: w.box(s, across=True), ("HBox",)),
    **_all(Widgets.box, ("Box", "VBox", "GridBox")),
    **_all(Widgets.titled, ("Tab", "Accordion", "Stack")),
    **_all(Widgets.captured, ("Output",)),
    **_all(Widgets.figure, ("FigureWidget", "Figure", "JupyterChart", "Any")),
    **_all(_html, ("HTML", "HTMLMath")),
    **_all(_label, ("Label",)),
    **_all(_progress, ("FloatProgress", "IntProgress")),
    **_all(_slider, ("IntSlider", "FloatSlider", "FloatLogSlider")),
    **_all(_button, ("Button", "FileUpload")),
    **_all(_checkbox, ("Checkbox", "ToggleButton")),
    **_all(_valid, ("Valid",)),
    **_all(_choice, ("Dropdown", "Select", "SelectMultiple", "RadioButtons", "ToggleButtons")),
    **_all(_choice, ("SelectionSlider", "SelectionRangeSlider")),
    **_all(_value, ("Text", "Textarea", "Combobox", "IntText", "FloatText", "BoundedIntText")),
    **_all(_value, ("BoundedFloatText", "IntRangeSlider", "FloatRangeSlider")),
    **_all(_value, ("ColorPicker", "TagsInput", "ColorsInput", "FloatsInput", "IntsInput")),
    **_all(_moment, ("DatePicker", "Datetime", "NaiveDatetime", "Time")),
    **_all(_image, ("Image",)),
    **_all(_password, ("Password",)),
    **_all(_hidden, ("Play", "Controller", "DOMWidget")),
}
