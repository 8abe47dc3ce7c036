"""What a page shows of odd notebooks, of the run's own files and of what its author hides."""

import html
import json
from pathlib import Path
from typing import Any

import pytest

from podbook_api.artifacts.framed_pages import page_forms
from podbook_api.artifacts.rendering.addresses import OwnFile, OwnFiles
from podbook_api.artifacts.rendering.page import page
from tests.support.outputs.building import BAR, cell, display, png, printed

PLOT = cell("plot", [display({"application/vnd.plotly.v1+json": BAR})])
FILES = OwnFiles(
    {
        "files/p.png": OwnFile("image/png", b"\x89PNG"),
        "files/x y.csv": OwnFile("text/csv"),
    }
)


def written(*cells: Any, metadata: Any = None, minor: int = 5) -> bytes:
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}
    return json.dumps(whole).encode()


RAN = cell("print()", [printed("it ran\n")])
VIEW_STATE = "application/vnd.jupyter.widget-state+json"


@pytest.mark.parametrize(
    "ipynb",
    [
        pytest.param(written(RAN, metadata={"widgets": {}}), id="no widgets"),
        pytest.param(
            written(RAN, metadata={"widgets": {VIEW_STATE: {"a": {"model_name": "X"}}}}),
            id="Colab's widget state",
        ),
        pytest.param(written(RAN, metadata={"kernelspec": {"language": "python"}}), id="in part"),
        pytest.param(written(RAN, metadata={"kernelspec": None}), id="null"),
        pytest.param(written(RAN, metadata=[]), id="metadata is a list"),
        pytest.param(written({**RAN, "id": "x" * 80}), id="a long id"),
        pytest.param(written({**RAN, "metadata": {"tags": "parameters"}}), id="tags as text"),
        pytest.param(written({**RAN, "metadata": None}), id="metadata is null"),
        pytest.param(
            written(RAN, {"cell_type": "heading", "source": "Old", "level": 2}), id="a heading"
        ),
        pytest.param(written(RAN, {"cell_type": "sql", "source": "x"}), id="an unknown cell"),
        pytest.param(written(RAN, "no cell", None), id="cells that are none"),
        pytest.param(written({**RAN, "outputs": [*RAN["outputs"], 5, {}]}), id="odd outputs"),
    ],
)
def test_what_a_page_does_not_need_does_not_refuse_it(ipynb: bytes) -> None:
    assert "it ran" in page(ipynb, report=False)


def test_an_empty_notebook_says_that_it_is() -> None:
    assert "This notebook has no cells" in page(written(), report=False)
    hidden = {**RAN, "metadata": {"tags": ["remove-cell"]}}
    assert "Nothing in this notebook is to be seen" in page(written(hidden), report=True)


@pytest.mark.parametrize(
    "value",
    [
        "Text(0.5, 1.0, 'squares <b>')",
        "[<matplotlib.lines.Line2D at 0x7f10a3c2e850>]",
        "<Axes: title={'center': 'sales'}, xlabel='month'>",
        "<matplotlib.legend.Legend at 0x7f10a3c2e850>",
        "<BarContainer object of 3 artists>",
        "(array([1., 2.]),\n array([0., 1.]),\n <BarContainer object of 2 artists>)",
        "array([[<Axes: title={'center': 'a'}>]], dtype=object)",
        "<seaborn.axisgrid.FacetGrid at 0x7f10a3c2e850>",
    ],
)
def test_a_report_shows_no_name_of_an_object_beside_its_picture(value: str) -> None:
    picture = display({"image/png": png(), "text/plain": "<Figure size 640x480 with 1 Axes>"})
    result = {**display({"text/plain": value}), "output_type": "execute_result"}
    drawn = cell("plot()", [result, picture])
    alone = cell("plot()", [result])
    shown = html.escape(value, quote=False)

    def lines(ran: Any, *, report: bool) -> str:
        return page(written(ran), report=report).replace("&#x27;", "'")

    assert shown not in lines(drawn, report=True)
    assert "image/png" in lines(drawn, report=True)
    assert shown in lines(drawn, report=False)
    assert shown in lines(alone, report=True)


def test_a_value_beside_a_picture_stays_in_a_report() -> None:
    picture = display({"image/png": png()})
    result = {**display({"text/plain": "1280 < 1300"}), "output_type": "execute_result"}
    assert "1280 &lt; 1300" in page(written(cell("sum(x)", [result, picture])), report=True)


@pytest.mark.parametrize(
    "source",
    [
        "![](artifacts/p.png)",
        "<img src='artifacts/p.png'>",
        '<img alt="x" src="./artifacts/p.png">',
    ],
)
def test_an_image_of_the_run_stands_in_the_page(source: str) -> None:
    text = {"cell_type": "markdown", "source": source}
    assert 'src="data:image/png;base64,' in page(written(text), report=False, own=FILES)


def test_a_link_to_a_file_of_the_run_leads_there() -> None:
    link = display({"text/html": "<a href='artifacts/x%20y.csv' target='_blank'>x</a>"})
    html = page(written(cell("FileLink", [link])), report=False, own=FILES)
    assert 'href="files/x y.csv" data-artifact="files/x y.csv" download' in html


@pytest.mark.parametrize(
    ("metadata", "source", "output"),
    [
        ({}, "open", "open"),
        ({"tags": ["remove-input"]}, "absent", "open"),
        ({"tags": ["remove_output"]}, "open", "absent"),
        ({"tags": ["hide-input"]}, "folded", "open"),
        ({"tags": ["hide-cell"]}, "folded", "folded"),
        ({"jupyter": {"source_hidden": True, "outputs_hidden": True}}, "folded", "folded"),
        ({"collapsed": True}, "open", "folded"),
    ],
)
def test_what_is_hidden_is_folded_or_left_out(
    metadata: dict[str, Any], source: str, output: str
) -> None:
    body = page(written({**RAN, "metadata": metadata}), report=False).partition("<body")[2]

    assert _how(body, "jp-InputArea-editor", "Code") == source
    assert _how(body, "it ran", "Output") == output


def _how(body: str, text: str, name: str) -> str:
    if text not in body:
        return "absent"
    return "folded" if f"<summary>{name}</summary>" in body else "open"


def test_one_file_for_keeping_needs_no_address(tmp_path: Path) -> None:
    alone = page_forms.alone(page(written(PLOT), report=False).encode())

    assert b'<script type="text/plain" data-library="/frame/plotly-' in alone
    assert b'src="/frame/' not in alone


def test_below_a_root_the_libraries_are_below_it_too() -> None:
    image = cell("image", [display({"image/png": png()})])
    formula = {"cell_type": "markdown", "source": "$x$"}
    html = page_forms.below(page(written(PLOT, image, formula), report=False).encode(), "/team")

    assert html.count(b"/frame/") == html.count(b"/team/frame/") == 2


@pytest.mark.parametrize(
    "mark",
    [
        "application/scrapbook.scrap.json+json",
        "application/papermill.record+json",
        "application/vnd.bokehjs_load.v0+json",
    ],
)
@pytest.mark.parametrize("report", [True, False])
def test_what_libraries_note_for_themselves_is_nothing_to_see(mark: str, report: bool) -> None:
    noted = cell("save()", [display({mark: {"noted": "for a library"}})])

    shown = page(written(RAN, noted), report=report, own=FILES)

    assert "it ran" in shown
    assert "for a library" not in shown


@pytest.mark.parametrize("report", [True, False])
def test_what_was_too_large_to_keep_is_said_beside_what_is_drawn(report: bool) -> None:
    said = "image/png of 20,000,000 characters was left out; the limit is 6,291,456"
    figure = {"text/plain": f"<Figure size 640x480 with 1 Axes>\n[Podbook: {said}]"}
    table = {"text/html": "<b>a table</b>", "text/plain": f"a table\n[Podbook: {said}]"}

    for shown in (figure, table):
        assert said in page(written(cell("x", [display(shown)])), report=report)
