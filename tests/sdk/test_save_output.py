"""What notebooks save becomes plain JSON, or is refused with the path to it."""

import dataclasses
import datetime
import decimal
import enum
import json
import subprocess
import sys
import uuid
from collections import OrderedDict, deque, namedtuple
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy
import pandas
import pydantic
import pydantic.v1
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podbook import save_output
from podbook.jsonable import NotSerialisable, jsonable

DAY = datetime.date(2021, 2, 28)
NAIVE = datetime.datetime(2021, 1, 1)  # noqa: DTZ001  (naive datetimes stay naive)
UTC = datetime.datetime(2021, 1, 1, 12, 30, tzinfo=datetime.UTC)


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: float
    when: datetime.date


class New(pydantic.BaseModel):
    start: datetime.datetime
    points: list[Any] = []
    renamed: int = pydantic.Field(default=1, alias="the-alias")


class Kinds(pydantic.BaseModel):
    lasts: datetime.timedelta
    raw: bytes
    price: decimal.Decimal
    anything: Any
    moments: dict[str, datetime.datetime]
    pairs: list[tuple[int, datetime.datetime]]
    colours: set[Colour]


class Words(pydantic.RootModel[list[str]]):
    pass


class Custom(pydantic.BaseModel):
    when: datetime.datetime

    @pydantic.field_serializer("when", when_used="json")
    def _write(self, when: datetime.datetime) -> str:
        return f"{when:%d.%m.%Y}Z"


KINDS = Kinds(
    lasts=datetime.timedelta(days=1),
    raw=b"ab",
    price=decimal.Decimal("0.10"),
    anything=float("nan"),
    moments={"a": UTC},
    pairs=[(1, UTC)],
    colours={Colour.RED},
)


class Frozen(pydantic.BaseModel, frozen=True):
    n: int


class Holds(pydantic.BaseModel):
    many: frozenset[Frozen]


class Old(pydantic.v1.BaseModel):
    start: datetime.datetime
    price: decimal.Decimal = decimal.Decimal("1.50")
    anything: Any = None


Pair = namedtuple("Pair", "left right")

NAMED = pandas.DataFrame({"n": [1, 2]}, index=pandas.Index(["a", "b"], name="key"))


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        pytest.param({"a": [1, 2.5, None, True, "x"]}, {"a": [1, 2.5, None, True, "x"]}, id="data"),
        pytest.param(2**70, 2**70, id="a big integer"),
        pytest.param([float("nan"), float("inf")], [None, None], id="NaN and infinities: null"),
        pytest.param(NAIVE, "2021-01-01T00:00:00", id="a naive datetime"),
        pytest.param(UTC, "2021-01-01T12:30:00+00:00", id="a datetime with its offset"),
        pytest.param(DAY, "2021-02-28", id="a date"),
        pytest.param(datetime.time(1, 2), "01:02:00", id="a time"),
        pytest.param(datetime.timedelta(minutes=1), 60.0, id="a timedelta: seconds"),
        pytest.param(decimal.Decimal("0.10"), "0.10", id="a Decimal: text, every digit"),
        pytest.param(uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001", id="a UUID"),
        pytest.param(Path("/a/b"), "/a/b", id="a path"),
        pytest.param(b"ab", "YWI=", id="bytes: base64"),
        pytest.param(Colour.RED, "red", id="an enum: its value"),
        pytest.param({Colour.RED: 1, 2: 3, None: 4}, {"red": 1, "2": 3, "null": 4}, id="keys"),
        pytest.param({3, 1, 2}, [1, 2, 3], id="a set: sorted"),
        pytest.param((1, deque([2]), range(2)), [1, [2], [0, 1]], id="a tuple, a deque, a range"),
        pytest.param(OrderedDict(a=1).keys(), ["a"], id="a view of a dict"),
        pytest.param(Pair(1, 2), {"left": 1, "right": 2}, id="a named tuple"),
        pytest.param(Point(1.5, DAY), {"x": 1.5, "when": "2021-02-28"}, id="a dataclass"),
        pytest.param(
            [New(start=NAIVE, points=[Point(1.0, DAY)])],
            [
                {
                    "start": "2021-01-01T00:00:00",
                    "points": [{"x": 1.0, "when": "2021-02-28"}],
                    "the-alias": 1,
                }
            ],
            id="a pydantic 2 model",
        ),
        pytest.param(
            Old(start=NAIVE),
            {"start": "2021-01-01T00:00:00", "price": 1.5, "anything": None},
            id="a pydantic 1 model, as its own schema describes it",
        ),
        pytest.param(
            Old(start=NAIVE, anything=numpy.array([1])),
            {"start": "2021-01-01T00:00:00", "price": "1.50", "anything": [1]},
            id="a pydantic 1 model that holds an array",
        ),
        pytest.param(Holds(many={Frozen(n=1)}), {"many": [{"n": 1}]}, id="a set of models"),
        pytest.param(
            KINDS,
            {
                "lasts": "P1D",
                "raw": "ab",
                "price": "0.10",
                "anything": None,
                "moments": {"a": "2021-01-01T12:30:00+00:00"},
                "pairs": [[1, "2021-01-01T12:30:00+00:00"]],
                "colours": ["red"],
            },
            id="a model, as its own schema describes it",
        ),
        pytest.param(
            [New(start=NAIVE, points=[numpy.array([1])])],
            [{"start": "2021-01-01T00:00:00", "points": [[1]], "the-alias": 1}],
            id="a model that holds an array",
        ),
        pytest.param(Words(["a"]), ["a"], id="a root model"),
        pytest.param(Custom(when=UTC), {"when": "01.01.2021Z"}, id="a model's own serialiser"),
        pytest.param(numpy.int64(5), 5, id="a numpy integer"),
        pytest.param(numpy.float32("nan"), None, id="a numpy NaN"),
        pytest.param(numpy.bool_(True), True, id="a numpy truth value"),
        pytest.param(numpy.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]], id="an array"),
        pytest.param(numpy.datetime64("2021-01-01T00:00:00"), "2021-01-01T00:00:00", id="dt64"),
        pytest.param(
            numpy.array(["2021-01-01", "NaT"], dtype="datetime64[D]"),
            ["2021-01-01T00:00:00", None],
            id="an array of dates",
        ),
        pytest.param(pandas.Timestamp("2021-01-01"), "2021-01-01T00:00:00", id="a Timestamp"),
        pytest.param([pandas.NaT, pandas.NA], [None, None], id="NaT and NA"),
        pytest.param(pandas.Series([1, None]), [1.0, None], id="a Series: a list"),
        pytest.param(
            pandas.Series([1, 2], index=["a", "b"]), {"a": 1, "b": 2}, id="a Series with labels"
        ),
        pytest.param(pandas.Index([1, 2]), [1, 2], id="an Index"),
        pytest.param(
            pandas.DataFrame({"a": [1, 2], "b": ["x", None]}),
            [{"a": 1, "b": "x"}, {"a": 2, "b": None}],
            id="a DataFrame: records",
        ),
        pytest.param(
            NAMED, [{"key": "a", "n": 1}, {"key": "b", "n": 2}], id="a DataFrame, named index"
        ),
        pytest.param(
            pandas.DataFrame({"t": pandas.to_datetime(["2021-01-01", None])}),
            [{"t": "2021-01-01T00:00:00"}, {"t": None}],
            id="a DataFrame of times",
        ),
        pytest.param(
            pandas.DataFrame({"c": pandas.Categorical(["x", "y"])}),
            [{"c": "x"}, {"c": "y"}],
            id="a DataFrame of categories",
        ),
        pytest.param(pandas.Period("2021-01", "M"), "2021-01", id="a Period"),
    ],
)
def test_a_value_becomes_plain_json(value: Any, plain: Any) -> None:
    written = jsonable(value)

    assert written == plain
    assert json.loads(json.dumps(written, allow_nan=False)) == plain


class Unknown:
    pass


CYCLE: list[Any] = []
CYCLE.append({"again": CYCLE})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param({"a": [0, Unknown()]}, "output['a'][1] is a ", id="the path is named"),
        pytest.param(Point(Unknown(), DAY), "output.x is a ", id="in a dataclass"),  # type: ignore[arg-type]
        pytest.param(CYCLE, "output[0]['again'] contains itself", id="a cycle"),
        pytest.param({"a": lambda: 1}, "output['a'] is a function", id="a function"),
        pytest.param([int], "output[0] is a type", id="a class"),
        pytest.param({1: "a", "1": "b"}, "two keys that are both written '1'", id="double keys"),
        pytest.param({(1, 2): 3}, "output has the key (1, 2)", id="a tuple as a key"),
        pytest.param([1 + 2j], "output[0] is a complex", id="a complex number"),
        pytest.param((x for x in "ab"), "output is a generator", id="a generator"),
        pytest.param(numpy.array([Unknown()]), "output[0] is a ", id="an array of objects"),
    ],
)
def test_what_cannot_be_saved_is_refused_with_its_path(value: Any, said: str) -> None:
    with pytest.raises(NotSerialisable) as refused:
        jsonable(value)

    assert said in str(refused.value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # As notebooks may hold it: every character, lone surrogates too.
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)  # A machine may be busy.
@given(JSON)
def test_plain_data_is_saved_as_it_is(value: Any) -> None:
    assert jsonable(value) == value


def test_the_last_call_wins_and_the_file_is_never_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "made" / "output.json"
    monkeypatch.setenv("PODBOOK_OUTPUT", str(path))

    save_output({"a": 1})
    save_output("2024")
    with pytest.raises(NotSerialisable):
        save_output({"a": Unknown()})

    assert json.loads(path.read_text()) == "2024"
    assert [file.name for file in path.parent.iterdir()] == ["output.json"]


def test_without_podbook_a_notebook_runs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PODBOOK_OUTPUT", raising=False)

    save_output({"a": 1})


def imported(module: str) -> set[str]:
    """Return the modules that importing one brings along, besides the standard library's."""
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    source = str(Path(spec.origin).parents[1])
    code = (
        f"import sys; sys.path.append({source!r}); import {module};"
        " print(*{name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split()) - {"__main__"}


def test_save_output_needs_the_standard_library_only() -> None:
    assert imported("podbook") == {"podbook"}
    assert imported("jupyrest") == {"jupyrest", "podbook"}
