"""The parameters' cell: valid, readable Python that makes the very values that were sent."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podbook_crds import names
from podbook_crds.resources.notebook import Schema, SharedModel
from podbook_runner.kernel.client import Kernel
from podbook_runner.parameters.python import source
from podbook_runner.stops import Stops
from rig.runner_pod import CONNECTION
from tests.support.shared_models import written

# In the kernel: compares what the cell made with what JSON says, NaN being equal to itself.
COMPARES = """
import json, math

def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other
"""

Check = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("p")


@pytest.fixture(scope="module")
def models(folder: Path) -> dict[str, SharedModel]:
    return written(folder)


@pytest.fixture(scope="module")
def execute(folder: Path) -> Iterator[Check]:
    """A real kernel, which runs one cell after the other and returns each reply."""
    for name in ("work/.ipc", "info"):
        (folder / name).mkdir(parents=True)
    (folder / "info/connection.json").write_text(json.dumps(CONNECTION))
    process = subprocess.Popen(
        [sys.executable, "-m", "ipykernel_launcher", "-f", names.CONNECTION_FILE],
        cwd=folder / "work",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder / "work")
        stops = Stops()
        kernel = Kernel(Path(names.CONNECTION_FILE), wakeup=stops.descriptor)

        def run(code: str) -> dict[str, Any]:
            request = kernel.execute(code)
            while True:
                for message in kernel.listen(60):
                    if message.kind == "execute_reply" and message.parent == request:
                        return message.content

        try:
            run(f"import sys\nsys.path.insert(0, {str(folder)!r})\n{COMPARES}")
            yield run
        finally:
            kernel.close()
            stops.close()
            process.kill()
            process.wait(10)


def assert_runs(execute: Check, code: str) -> None:
    reply = execute(code)
    assert reply["status"] == "ok", (code, reply.get("evalue"))


TEXTS = st.text(st.characters(exclude_categories=()), max_size=20) | st.sampled_from(
    ["'\"\\", "\u2028\u2029", "\ud800", "a\nb\r\tc", '"""', "\\N{DASH}", "{x}", "\0"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(min_value=2**64) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=25,
)
SETTINGS = settings(
    max_examples=150,
    deadline=None,  # A real kernel on a busy machine.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SETTINGS
@given(value=JSON)
def test_plain_values_arrive_as_they_were_sent(execute: Check, value: Any) -> None:
    code = source({"value": value}, schema={}, models={})

    assert_runs(execute, f"{code}\nassert same(value, json.loads({json.dumps(value)!r}))")


@pytest.mark.parametrize("depth", [1, 59, 60, 61, 500])
def test_deep_values_arrive_too(execute: Check, depth: int) -> None:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    code = source({"value": value}, schema={}, models={})

    assert_runs(execute, f"{code}\nassert json.dumps(value) == {json.dumps(value)!r}")


ZONES = st.none() | st.integers(-1439, 1439).map(lambda m: timezone(timedelta(minutes=m)))
DAYS = st.dates().map(str)
INNER = st.recursive(
    st.fixed_dictionaries({"number": st.floats(allow_nan=False, allow_infinity=False)}),
    lambda inner: st.fixed_dictionaries(
        {"number": st.integers(0, 9), "children": st.lists(inner, max_size=2)}
    ),
    max_leaves=4,
)
EVERYTHING = st.fixed_dictionaries(
    {
        "text": st.text(max_size=10),
        "when": st.datetimes(timezones=ZONES).map(lambda moment: moment.isoformat()),
        "day": DAYS,
        "clock": st.times().map(str),
        "lasts": st.sampled_from(["P1DT2H", "PT0.5S", "-P3D"]),
        "identity": st.uuids().map(str),
        "price": st.decimals(allow_nan=False, allow_infinity=False).map(str)
        | st.integers(-5, 5)
        | st.just(0.1),
        "raw": st.text("abé\n", max_size=5),
        "colour": st.sampled_from(["red", "blue"]),
        "inner": INNER,
        "maybe": st.none() | INNER,
        "either": st.none() | INNER | st.integers(),
        "text_or_day": DAYS | st.text(max_size=5),
        "days": st.lists(DAYS, max_size=3),
        "named": st.dictionaries(st.text(max_size=3), st.datetimes().map(str), max_size=2),
        "unique": st.lists(st.integers(), max_size=3),
        "pair": st.tuples(st.integers(), DAYS).map(list),
        "the-alias": st.integers(),
        "class": st.integers(),
    },
)


@SETTINGS
@given(value=EVERYTHING)
def test_models_are_real_objects_equal_to_what_pydantic_reads(
    execute: Check, models: dict[str, SharedModel], value: Any
) -> None:
    schema: Schema = {"properties": {"value": {"$ref": "nbschema://everything"}}}
    code = source({"value": value}, schema=schema, models=models)

    assert_runs(
        execute,
        f"{code}\nassert type(value) is Everything and type(value.inner).__name__ == 'Inner'\n"
        f"assert value == Everything.model_validate_json({json.dumps(value)!r}), value",
    )


@pytest.mark.parametrize(
    ("schema", "value", "expression"),
    [
        pytest.param(
            {"$ref": "nbschema://strict"},
            {"when": "2021-01-01T00:00:00Z", "unique": [1]},
            'Strict.model_validate_json(\'{"when": "2021-01-01T00:00:00Z", "unique": [1]}\')',
            id="a strict model",
        ),
        pytest.param({"$ref": "nbschema://words"}, ["a"], "Words(['a'])", id="a root model"),
        pytest.param(
            {"$ref": "nbschema://outer"},
            {"nested": {"x": 1}},
            "Outer(nested=Outer.Nested(x=1))",
            id="a class in a class",
        ),
        pytest.param(
            {"type": "array", "items": {"$ref": "nbschema://inner"}},
            [{"number": 1, "children": [{"number": 2}]}],
            "[Inner(number=1, children=[Inner(number=2)])]",
            id="recursive, in a list",
        ),
        pytest.param(
            {"anyOf": [{"$ref": "nbschema://words"}, {"$ref": "nbschema://inner"}]},
            {"number": 1},
            "Inner(number=1)",
            id="anyOf: the one that fits",
        ),
        pytest.param(
            {"oneOf": [{"type": "null"}, {"$ref": "nbschema://inner"}]}, None, "None", id="oneOf"
        ),
        pytest.param(
            {"allOf": [{"$ref": "nbschema://inner"}]}, {"number": 1}, "Inner(number=1)", id="allOf"
        ),
        pytest.param(
            {"$ref": "#/$defs/mine", "$defs": {"mine": {"$ref": "nbschema://inner"}}},
            {"number": 1},
            "{'number': 1}",
            id="$defs of the property are not those of the contract",
        ),
        pytest.param(
            {"type": "string", "format": "date-time"},
            "2021-01-01T00:00:00",
            "'2021-01-01T00:00:00'",
            id="a date-time outside of a model stays a string",
        ),
        pytest.param(
            {"additionalProperties": {"$ref": "nbschema://inner"}},
            {"a": {"number": 1}},
            "{'a': Inner(number=1)}",
            id="additionalProperties",
        ),
        pytest.param(
            {"$ref": "nbschema://nobody"}, {"a": 1}, "{'a': 1}", id="an alias that nobody has"
        ),
    ],
)
def test_a_model_anywhere_in_the_contract(
    schema: Any, value: Any, expression: str, models: dict[str, SharedModel], execute: Check
) -> None:
    code = source({"value": value}, schema={"properties": {"value": schema}}, models=models)

    assert ast.unparse(ast.parse(code).body[-1]) == ast.unparse(ast.parse(f"value = {expression}"))
    assert_runs(execute, code)


def test_references_into_the_contracts_own_definitions(models: dict[str, SharedModel]) -> None:
    schema: Schema = {
        "$defs": {"many": {"type": "array", "items": {"$ref": "nbschema://inner"}}},
        "properties": {"value": {"$ref": "#/$defs/many"}},
    }

    assert source({"value": [{"number": 1}]}, schema=schema, models=models) == (
        "# Parameters\nfrom models import Inner\n\nvalue = [Inner(number=1)]\n"
    )


def test_the_seeds_example_reads_as_the_seed_shows_it(
    models: dict[str, SharedModel], execute: Check
) -> None:
    item = {
        "foo": "foo",
        "start_time": "2021-02-28T04:09:09.5730000Z",
        "end_time": "2021-02-28T04:19:09.5730000Z",
    }
    schema: Schema = {"properties": {"objects": {"items": {"$ref": "nbschema://sample_model"}}}}
    code = source({"objects": [item, item], "foo": "FOO"}, schema=schema, models=models)

    one = """\
    SampleModel(
        foo='foo',
        start_time=_datetime.datetime(
            2021, 2, 28, 4, 9, 9, 573000, tzinfo=_datetime.timezone.utc
        ),
        end_time=_datetime.datetime(
            2021, 2, 28, 4, 19, 9, 573000, tzinfo=_datetime.timezone.utc
        ),
    ),
"""
    assert code == (
        "# Parameters\nimport datetime as _datetime\nfrom models import SampleModel\n\n"
        f"objects = [\n{one}{one}]\nfoo = 'FOO'\n"
    )
    # A notebook's own `from datetime import datetime` goes on working.
    assert_runs(execute, f"from datetime import datetime\n{code}\ndatetime.now()")


def test_a_parameter_named_like_a_model_does_not_hide_it(
    models: dict[str, SharedModel], execute: Check
) -> None:
    schema: Schema = {"properties": {"Inner": {"$ref": "nbschema://inner"}}}
    code = source({"Inner": {"number": 1}, "other": 2}, schema=schema, models=models)

    assert "Inner = _models.Inner(number=1)" in code
    assert_runs(execute, code)


def test_decimals_keep_every_digit(models: dict[str, SharedModel]) -> None:
    digits = "0.12345678901234567890"
    schema = models["everything"].json_schema
    code = source({"price": digits}, schema=schema, models=models)

    assert Decimal(ast.literal_eval(code.splitlines()[-1].partition(" = ")[2])) == Decimal(digits)
