"""Notebooks by what their cells show."""

from typing import Final

from tests.support.outputs.building import BAR, POINTS, png
from tests.support.real.entry import Real, code, saved

_RAW: Final = "from IPython.display import display\n"
MIME: Final = f"""{_RAW}
display({{"application/vnd.plotly.v1+json": {BAR!r}, "text/plain": "Figure"}}, raw=True)
display({{"application/vnd.vegalite.v5+json": {POINTS!r},
    "text/plain": "alt.Chart(...)"}}, raw=True)
display({{"application/geo+json": {{"type": "Point", "coordinates": [1, 2]}}}}, raw=True)"""
BOKEH: Final = f"""{_RAW}
display({{"text/html": "<div id='p1'></div>", "application/vnd.bokehjs_exec.v0+json": ""}},
    metadata={{"application/vnd.bokehjs_exec.v0+json": {{"id": "p1"}}}}, raw=True)
display({{"application/javascript": "window.Bokeh = 1",
    "application/vnd.bokehjs_load.v0+json": "1"}}, raw=True)"""
VEGA_AS_OBJECT: Final = f"""{_RAW}
display({{"application/vnd.vegalite.v6.json": {POINTS!r},
    "text/plain": "alt.Chart(...)"}}, raw=True)"""
RICH: Final = f"""from IPython.display import HTML, JSON, SVG, Image, Latex, Markdown, Math
import base64
display(HTML("<b>bold</b>"), Markdown("*slanted*"), Latex("$x^2$"), Math("y^2"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' width='4' height='3'/>"))
display(Image(data=base64.b64decode("{png()}"), width=40), JSON({{"a": [1, 2]}}))
HTML("<i>a result</i>")"""
WIDGET: Final = """from comm import create_comm
from IPython.display import display

layout = {"_model_name": "LayoutModel", "_model_module": "@jupyter-widgets/base"}
slider = {"_model_name": "IntSliderModel", "_model_module": "@jupyter-widgets/controls",
    "value": 7, "min": 0, "max": 10, "description": "n", "layout": "IPY_MODEL_1a"}
for name, state in (("1a", layout), ("2b", slider)):
    create_comm(target_name="jupyter.widget", comm_id=name,
        data={"state": state, "buffer_paths": []}, metadata={"version": "2.1.0"})
display({"application/vnd.jupyter.widget-view+json":
    {"model_id": "2b", "version_major": 2, "version_minor": 0},
    "text/plain": "IntSlider(value=7)"}, raw=True)"""
STREAMS: Final = """import sys
print("out", flush=True)
print("err", file=sys.stderr, flush=True)
print("\\x1b[31mred\\x1b[0m and \\x1b[1mbold\\x1b[0m", flush=True)
print("as printed")"""
BAR_OF_TQDM: Final = """import sys
from tqdm import tqdm
for _ in tqdm(range(3), bar_format="{n}/{total} done", file=sys.stdout, mininterval=0):
    pass
print()
print("10 %\\r100 %")"""
PANDAS: Final = """import pandas
frame = pandas.DataFrame({"city": ["Zürich", "東京"], "people": [0.4, 13.9]})
frame"""
STYLED: Final = "frame.style.format(precision=2).set_caption('Cities').set_uuid('t')"
MATPLOTLIB: Final = """%matplotlib inline
import matplotlib.pyplot as plt
plt.figure(figsize=(1, 1))
plt.plot([1, 3, 2])
plt.show()"""
UPDATED: Final = """from IPython.display import clear_output, display
first = display("first", display_id="one")
print("goes")
clear_output(wait=True)
print("stays")
handle = display("waiting", display_id="two")"""
LATER: Final = "handle.update('updated by a later cell')"
UNICODE: Final = """π = "naïve — 😀 — עברית — 한국어 — e\u0301 — \u2028 end"
print(π)
{"ключ": π}"""
MANY: Final = """for i in range(1100):
    display(i)
"""
LONG: Final = "print('x' * 99 + '\\n', end='', sep='')\nprint(('y' * 99 + '\\n') * 30_000)"
LOGGED: Final = "import warnings, logging\nlogging.getLogger('of').warning('logged')"

SHOWN: Final = (
    Real("charts", saved(code(MIME), code(BOKEH)), ("vnd.plotly.v1+json", "vegalite", "p1")),
    Real("altair-6", saved(code(VEGA_AS_OBJECT)), ("vegalite",)),
    Real(
        "rich", saved(code(RICH)), ("<b>bold</b>", "slanted", "<i>a result</i>", "data:image/png")
    ),
    Real("widgets", saved(code(WIDGET), code("slider['value']")), ("slider",)),
    Real(
        "streams-tqdm-and-colours",
        saved(code(STREAMS), code(LOGGED), code(BAR_OF_TQDM)),
        ("as printed", "red", "logged", "3/3 done", "100 %"),
    ),
    Real(
        "tables-and-plots",
        saved(code(PANDAS), code(STYLED), code("print(frame)"), code(MATPLOTLIB)),
        ("dataframe", "Cities", "東京", "data:image/png"),
    ),
    Real(
        "updates-and-unicode",
        saved(code(UPDATED), code(LATER), code(UNICODE)),
        ("stays", "updated by a later cell", "😀", "한국어"),
    ),
    Real(
        "large",
        saved(code(MANY), code(LONG), code("print('after')")),
        ("outputs were left out here", "characters were left out here", "after"),
    ),
)
