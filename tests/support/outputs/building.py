"""Kinds of output, each as the library writes it: what becomes of it on a page."""

import base64
import json
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any, Final

VIEW: Final = "application/vnd.jupyter.widget-view+json"
STATE: Final = "application/vnd.jupyter.widget-state+json"


@dataclass(frozen=True)
class Kind:
    """One kind: its outputs; says is a text that stands on the page, drawn a selector."""

    name: str
    outputs: list[dict[str, Any]]
    drawn: str = ""
    says: str = ""
    never: str = ""
    models: dict[str, Any] = field(default_factory=dict)
    # Whole cells in the place of one cell with the outputs.
    own_cells: tuple[dict[str, Any], ...] = ()

    @property
    def cells(self) -> list[dict[str, Any]]:
        return [*self.own_cells] or [cell(f"# {self.name}", self.outputs)]


def shown(**data: Any) -> dict[str, Any]:
    return display({key.replace("__", "/"): value for key, value in data.items()})


def display(data: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def printed(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def model(name: str, module: str = "@jupyter-widgets/controls", **state: Any) -> dict[str, Any]:
    return {"model_name": f"{name}Model", "model_module": module, "state": state}


def view(name: str, repr_: str) -> dict[str, Any]:
    return display({VIEW: {"model_id": name, "version_major": 2}, "text/plain": repr_})


def notebook(kind: Kind, *, before: list[dict[str, Any]] | None = None) -> bytes:
    cells = [*(before or []), *kind.cells]
    metadata: dict[str, Any] = {"language_info": {"name": "python"}}
    if kind.models:
        metadata["widgets"] = {STATE: {"state": kind.models, "version_major": 2}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(whole).encode()


def cell(source: str, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": source,
        "outputs": outputs,
        "metadata": {},
        "execution_count": 1,
    }


def prose(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": metadata}


def tagged(source: str, printed_text: str, **metadata: Any) -> dict[str, Any]:
    return cell(source, [printed(printed_text)]) | {"metadata": metadata}


def png(width: int = 40, height: int = 30) -> str:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + bytes([40, 120, 200]) * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode()


GIF: Final = "R0lGODdhAgACAIAAAP8AAAAA/ywAAAAAAgACAAACAoRRADs="
WEBP: Final = "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoCAAIAAUAmJaQAA3AA/v02aAA="

BAR: Final = {"data": [{"type": "bar", "y": [1, 3, 2]}], "layout": {"height": 300}}
SOLID: Final = {"data": [{"type": "scatter3d", "x": [1, 2], "y": [1, 2], "z": [1, 2]}]}
POINTS: Final = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"values": [{"a": 1, "b": 2}, {"a": 2, "b": 5}]},
    "mark": "point",
    "encoding": {
        "x": {"field": "a", "type": "quantitative"},
        "y": {"field": "b", "type": "quantitative"},
    },
}
CONNECTED: Final = """<div><script src="https://cdn.plot.ly/plotly-3.1.0.min.js"
 integrity="sha256-x" crossorigin="anonymous"></script>
<div id="connected" style="height:300px"></div>
<script>Plotly.newPlot("connected", [{"y": [1, 2, 3]}], {});</script></div>"""
TQDM: Final = {
    "box": model("HBox", children=["IPY_MODEL_left", "IPY_MODEL_bar", "IPY_MODEL_right"]),
    "left": model("HTML", value="100%"),
    "bar": model("FloatProgress", value=50.0, max=50.0, min=0.0, bar_style="success"),
    "right": model("HTML", value=" 50/50 [00:00&lt;00:00, 900it/s]"),
}
CAPTURED: Final = {
    "out": model("Output", "@jupyter-widgets/output", outputs=[printed("captured inside\n")])
}
INTERACT: Final = {
    "all": model("VBox", children=["IPY_MODEL_n", "IPY_MODEL_out"]),
    "n": model("IntSlider", value=7, min=0, max=10, description="n"),
    **CAPTURED,
}
TABS: Final = {
    "tabs": model("Tab", children=["IPY_MODEL_colour"], titles=["Settings"], selected_index=0),
    "colour": model("Dropdown", _options_labels=["red", "green"], index=1, description="colour"),
}
FIGURE: Final = {"fig": model("FigureWidget", "anywidget", _widget_data=BAR["data"])}
FRAME: Final = (
    "<div><table class='dataframe'><thead><tr><th></th><th>a</th></tr></thead>"
    "<tbody><tr><th>0</th><td>1.5</td></tr></tbody></table></div>"
)
REPR: Final = "<IPython.core.display.Thing object>"

BY_A_SCRIPT: Final = "element.append('by a script ' + element.toArray().length)"
RUNNING: Final = "<b id='s'></b><script>document.getElementById('s').textContent='ran'</script>"
LOADING: Final = "<script src='https://cdn.holoviz.org/x.js'></script><p>Loading …</p>"
LOST: Final = "[Podbook: image/png of 20,000,000 characters was left out; the limit is 1]"
NO_NETWORK: Final = "pages here reach no network"
PLOT: Final = ".podbook-figure.is-drawn .main-svg"
