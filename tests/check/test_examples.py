"""`podbook test` runs the examples of a folder, and a report says what is not as expected."""

import json
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podbook.comparison import Comparison
from podbook_catalog.settings.commented_json import parse
from podbook_cli.app import app
from podbook_cli.shipping.updates import with_output
from rig.ipynb import notebook
from tests.support.typed import run

# What Jenkins' schema for JUnit's XML (xunit-plugin, junit-10) lets stand where.
ATTRIBUTES: Final = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {
        *("name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp"),
        *("hostname", "id", "package", "file", "log", "url"),
    },
    "testcase": {"name", "time", "classname", "group"},
    "properties": set[str](),
    "property": {"name", "value"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set[str](),
}
REQUIRED: Final = {
    "testsuite": {"name", "tests", "failures", "errors"},
    "testcase": {"name"},
    "property": {"name", "value"},
}
INSIDE: Final = {
    "testsuites": {"testsuite"},
    "testsuite": {"testsuite", "properties", "testcase", "system-out", "system-err"},
    "testcase": {"skipped", "error", "failure", "system-out", "system-err"},
    "properties": {"property"},
}


def assert_jenkins_reads(element: ElementTree.Element) -> None:
    assert element.attrib.keys() <= ATTRIBUTES[element.tag]
    assert element.attrib.keys() >= REQUIRED.get(element.tag, set())
    for child in element:
        assert child.tag in INSIDE.get(element.tag, set())
        assert_jenkins_reads(child)


@pytest.mark.timeout(240)
def test_a_folder_is_tried_on_a_server_of_its_own(tmp_path: Path) -> None:
    folder, kept, xml = tmp_path / "notebooks", tmp_path / "kept", tmp_path / "report.xml"
    folder.mkdir()
    saves = "import podbook, time\npodbook.save_output({'third': n / 3, 'at': time.time()})"
    (folder / "divides.ipynb").write_text(json.dumps(notebook(saves, parameters="n = 1")))
    examples: list[dict[str, Any]] = [
        {"name": "fits", "parameters": {"n": 2}, "output": {"third": 0.6666666666, "at": ""}},
        {"name": "differs", "parameters": {"n": 3}, "output": {"third": 2, "at": ""}},
        {"name": "raises", "parameters": {"n": "a"}, "exception": "TypeError"},
        {"name": "does not", "parameters": {"n": 1}, "reason": "NotebookRaised"},
    ]
    for example in examples:
        example |= {"ignore": ["/at"]}
    (folder / "divides.config.json").write_text(json.dumps({"examples": examples}, indent=2))
    raises = notebook(r"raise ValueError('\x1b[31mred\x00')")
    (folder / "fails.ipynb").write_text(json.dumps(raises))
    (folder / "broken.ipynb").write_text("{")

    (folder / "lonely.config.json").write_text("{}")
    (folder / "podbook.toml").write_text("slots = 2")
    words = ("--junit", str(xml), "--keep", str(kept), "--update", "--format", "json")

    done = run(app, "test", str(folder), *words)

    rows = json.loads(done.out)
    verdicts = {f"{row['notebook']}: {row['name']}": row["verdict"] for row in rows}
    assert all(bool(row["failures"]) is (row["verdict"] == "FAIL") for row in rows)
    assert verdicts == {
        "broken: contract": "FAIL",
        "divides: contract": "ok",
        "divides: example fits": "ok",
        "divides: example differs": "ok",
        "divides: example raises": "ok",
        "divides: example does not": "FAIL",
        "fails: contract": "ok",
        "fails: defaults": "FAIL",
    }
    assert done.code == 1
    written = json.loads((folder / "divides.config.json").read_text())["examples"]
    assert [e.get("output", {}).get("third") for e in written[:2]] == [0.6666666666, 1.0]
    report = ElementTree.parse(xml).getroot()
    assert_jenkins_reads(report)
    assert report.attrib["tests"] == "8"
    told = {c.get("name"): c.find("failure") for c in report.iter("testcase") if len(c)}
    differs, fails = told["example differs"], told["defaults"]
    assert differs is not None
    assert differs.get("message") == "/third: expected was 2, it is 1.0"
    assert fails is not None
    assert (fails.get("type"), "ValueError" in (fails.text or "")) == ("NotebookRaised", True)
    # Every run leaves its notebook.
    assert len(list(kept.glob("*.ipynb"))) == 5


@pytest.mark.parametrize(
    ("expected", "found", "told"),
    [
        pytest.param(1, 1.0, [], id="one number"),
        pytest.param(1.0, 1.0 + 1e-12, [], id="within the tolerance"),
        pytest.param(1.0, 1.1, ["/: expected was 1.0, it is 1.1"], id="beyond it"),
        pytest.param(1, True, ["/: expected was 1, it is True"], id="true is no number"),
        pytest.param({"a": None}, {}, ["/a: is missing, expected was None"], id="null is a value"),
        pytest.param({}, {"a/b": 1}, ["/a~1b: 1 was not expected"], id="one more"),
        pytest.param([1, 2], [1], ["/1: is missing, expected was 2"], id="a shorter list"),
        pytest.param({"rows": [{"id": 1}]}, {"rows": [{"id": 2}]}, [], id="what is ignored"),
        pytest.param({"id": 1}, {"id": "1"}, ["/id: expected was 1, it is '1'"], id="a text"),
    ],
)
def test_outputs_are_compared_as_values(expected: Any, found: Any, told: list[str]) -> None:
    assert Comparison(ignore=["/rows/*/id"]).differences(expected, found) == told


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(JSON, JSON, st.booleans(), st.sampled_from([None, 2]))
def test_an_output_is_written_into_its_place_and_nothing_else_changes(
    old: Any, new: Any, had_one: bool, indent: int | None
) -> None:
    examples: list[dict[str, Any]] = [
        {"name": "a"},
        {"name": '// no "comment"', "parameters": {"x": [old]}},
    ]
    before = {"examples": [examples[0], examples[1] | ({"output": old} if had_one else {})]}
    text = f"// kept {{\n{json.dumps(before, indent=indent)} /* kept */"

    written = with_output(text, 1, new)

    assert parse(written) == {"examples": [examples[0], examples[1] | {"output": new}]}
    assert written.startswith("// kept {\n")
    assert written.endswith(" /* kept */")
