"""Frames are saved as Parquet files on request, and the output refers to them."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas
import pytest

from podbook import save_output
from podbook.data_frames import CannotWriteFrame

SALES = pandas.DataFrame({"month": ["May", "June"], "total": [1.5, None]})
MEDIA_TYPE = "application/vnd.apache.parquet"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PODBOOK_OUTPUT", str(tmp_path / "output.json"))
    monkeypatch.setenv("PODBOOK_ARTIFACTS", str(tmp_path / "artifacts"))
    return tmp_path


def saved(folder: Path) -> Any:
    return json.loads((folder / "output.json").read_text())


def a_reference(name: str) -> dict[str, Any]:
    return {
        "artifact": f"files/{name}",
        "mediaType": MEDIA_TYPE,
        "rows": 2,
        "columns": ["month", "total"],
    }


@dataclass
class Report:
    title: str
    tables: list[Any]


@pytest.mark.parametrize(
    ("value", "plain", "names"),
    [
        pytest.param(SALES, a_reference("output.parquet"), ["output.parquet"], id="alone"),
        pytest.param(
            {"sales": SALES, "n": 1},
            {"sales": a_reference("sales.parquet"), "n": 1},
            ["sales.parquet"],
            id="named by its key",
        ),
        pytest.param(
            Report("May", [SALES, SALES]),
            {
                "title": "May",
                "tables": [a_reference("tables.0.parquet"), a_reference("tables.1.parquet")],
            },
            ["tables.0.parquet", "tables.1.parquet"],
            id="named by its path",
        ),
        pytest.param(
            {"../a b": SALES, "a/b": SALES},
            {"../a b": a_reference("a.b.parquet"), "a/b": a_reference("a.b-2.parquet")},
            ["a.b-2.parquet", "a.b.parquet"],
            id="names of keys that no file should have",
        ),
    ],
)
def test_a_frame_becomes_a_file_and_a_reference(
    value: Any, plain: Any, names: list[str], folder: Path
) -> None:
    save_output(value, frames="parquet")

    assert saved(folder) == plain
    assert sorted(path.name for path in (folder / "artifacts").iterdir()) == names
    for name in names:
        read = pandas.read_parquet(folder / "artifacts" / name)
        pandas.testing.assert_frame_equal(read, SALES)


class Polars:
    """What a frame of polars looks like."""

    columns = ("x",)

    def __len__(self) -> int:
        return 3

    def write_parquet(self, path: str) -> None:
        Path(path).write_bytes(b"PAR1")


def test_a_frame_is_known_by_its_looks(folder: Path) -> None:
    save_output([Polars()], frames="parquet")

    assert saved(folder)[0]["artifact"] == "files/0.parquet"
    assert (saved(folder)[0]["rows"], saved(folder)[0]["columns"]) == (3, ["x"])


def test_without_being_asked_a_frame_is_records(folder: Path) -> None:
    save_output(SALES)

    assert saved(folder) == [{"month": "May", "total": 1.5}, {"month": "June", "total": None}]
    assert not (folder / "artifacts").exists()


def test_without_pyarrow_it_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("pyarrow", "fastparquet"):
        monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(CannotWriteFrame, match=r"output\['sales'\].*pip install pyarrow"):
        save_output({"sales": SALES}, frames="parquet")

    assert not (folder / "output.json").exists()


def test_a_frame_that_is_no_table_is_named(folder: Path) -> None:
    odd = pandas.DataFrame({"x": [1, "a", object()]})

    with pytest.raises(CannotWriteFrame, match=r"output\['odd'\] cannot be written as Parquet"):
        save_output({"odd": odd}, frames="parquet")

    assert list((folder / "artifacts").iterdir()) == []


def test_another_word_is_refused() -> None:
    with pytest.raises(ValueError, match="frames is 'csv'; write one of json, parquet"):
        save_output(SALES, frames="csv")
