"""Widgets and images in pages: as large and where their authors put them, and still linked."""

import json
from html import unescape
from typing import Any

import pytest

from podbook_api.artifacts.rendering.page import page
from tests.support.outputs.building import Kind, display, model, notebook, png, view
from tests.support.outputs.rows import KINDS

SLIDER = model("IntSlider", value=3, min=0, max=10, step=1)


def drawn(outputs: list[Any], **models: Any) -> str:
    return page(notebook(Kind("x", outputs, models=models)), report=True)


def link(name: str, source: str, target: str) -> dict[str, Any]:
    ends: dict[str, Any] = {
        "source": [f"IPY_MODEL_{source}", "value"],
        "target": [f"IPY_MODEL_{target}", "value"],
    }
    return model(name, **ends)


# Of kinds that are recorded or written down: what needs no browser to be read.
READ_AS_IT_IS = [
    *("tqdm.auto", "tqdm-notebook", "rich progress.track"),
    *("Output()", "interact", "Tab", "ipywidgets"),
]


@pytest.mark.parametrize("name", READ_AS_IT_IS)
def test_a_widget_is_shown_as_it_was_at_the_end(name: str) -> None:
    kind = KINDS[name]

    body = unescape(page(notebook(kind), report=True).partition("<main>")[2])

    assert kind.says
    assert kind.says in body


def test_a_layout_is_a_style() -> None:
    box = model("GridBox", children=["IPY_MODEL_b"], layout="IPY_MODEL_l")
    layout = model("Layout", grid_template_areas='"a b"', width="60%", _view_name="X", height=None)
    button = model("Button", description="go", button_style="success", style="IPY_MODEL_s")
    style = model("ButtonStyle", button_color="gold", font_size=None)

    html = drawn([view("g", "GridBox()")], g=box, l=layout, b=button, s=style)

    assert (
        '<div style="grid-template-areas: &quot;a b&quot;;width: 60%;" class="podbook-tiles">'
        in html
    )
    assert '<button style="background-color: gold;color: #1f2328;" type="button"' in html
    assert "podbook-button-success" in html


@pytest.mark.parametrize(
    ("kind", "pairs"),
    [
        pytest.param("Link", [["a", "b"], ["b", "a"]], id="both ways"),
        pytest.param("DirectionalLink", [["a", "b"]], id="one way"),
    ],
)
def test_linked_widgets_can_be_moved(kind: str, pairs: list[list[str]]) -> None:
    both = [view("a", "IntSlider()"), view("b", "IntSlider()")]

    html = drawn(both, a=SLIDER, b=SLIDER, l=link(kind, "a", "b"))

    told = html.split('data-links="')[1].split('"')[0].replace("&quot;", '"')
    assert json.loads(told) == pairs
    assert html.count("disabled>") == 2 - len(pairs)


def test_a_page_without_links_carries_none_of_their_script() -> None:
    lonely = drawn([view("a", "IntSlider()")], a=SLIDER, b=SLIDER, l=link("Link", "a", "b"))
    assert "data-links" not in lonely
    assert "data-links" not in drawn([view("a", "IntSlider()")], a=SLIDER)


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ({"width": 154, "height": 122}, 'alt="" style="width: 154px; aspect-ratio: 154 / 122;"'),
        ({"height": "30px"}, 'alt="" style="height: 30px;"'),
        ({"alt": 'a "plot"'}, 'alt="a &quot;plot&quot;" src='),
        ({"width": "9;x"}, 'alt="" src='),
        (None, 'alt="" src='),
    ],
)
def test_an_image_is_as_large_as_its_author_said(given: Any, becomes: str) -> None:
    data = {"image/png": png()}
    assert f'<img class="podbook-picture" {becomes}' in drawn(
        [display(data, **{"image/png": given})]
    )


def test_an_output_of_no_type_is_silent_beside_others() -> None:
    html = drawn([display({}), display({"text/plain": "the plot"})])
    assert "the plot" in html
    assert "without content" not in html
    assert "An output without content" in drawn([display({})])
