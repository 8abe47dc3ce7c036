from pathlib import PurePosixPath

import pytest

from podbook_catalog.entries.accompanying_files import BadFiles, Companions, named, nearest

MEBIBYTE = 1024 * 1024


def paths(sizes: dict[str, int]) -> dict[PurePosixPath, int]:
    return {PurePosixPath(path): size for path, size in sizes.items()}


def names(companions: Companions) -> list[str]:
    return [path.as_posix() for path in companions.paths]


def test_by_itself_the_whole_catalog_goes_along() -> None:
    sizes = {"models.py": 1, "data/x.csv": 1, "a/b/c.txt": 1}

    assert names(nearest(PurePosixPath("reports"), paths(sizes))) == sorted(sizes)


def test_what_is_near_goes_along_first_where_not_all_can() -> None:
    far = {f"lake/{number}.bin": 15 * MEBIBYTE for number in range(5)}

    found = nearest(PurePosixPath("reports"), paths({**far, "reports/near.py": 1, "root.py": 1}))

    assert {"reports/near.py", "root.py"} <= set(names(found))
    assert len(names(found)) == 2 + 4
    assert found.left_out.startswith("1 files are too large or too many")


def test_one_large_file_stays_behind() -> None:
    found = nearest(PurePosixPath(), paths({"huge.parquet": 17 * MEBIBYTE, "small.csv": 1}))

    assert names(found) == ["small.csv"]


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        pytest.param("data/x.csv", ["data/x.csv"], id="a path from the root"),
        pytest.param("data/*", ["data/deep/y.csv", "data/x.csv"], id="all below a folder"),
        pytest.param("data/", ["data/deep/y.csv", "data/x.csv"], id="a folder"),
        pytest.param("*.py", ["reports/lib.py", "top.py"], id="all of a kind"),
        pytest.param("./lib.py", ["reports/lib.py"], id="from the notebook's folder"),
        pytest.param("../data/x.csv", ["data/x.csv"], id="up from the notebook's folder"),
    ],
)
def test_patterns_say_exactly_what_goes_along(pattern: str, matched: list[str]) -> None:
    sizes = dict.fromkeys(["data/deep/y.csv", "data/x.csv", "reports/lib.py", "top.py"], 1)

    assert names(named(PurePosixPath("reports/r.ipynb"), paths(sizes), [pattern])) == matched


def test_an_empty_list_takes_nothing_along() -> None:
    assert names(named(PurePosixPath("r.ipynb"), paths({"x.csv": 1}), [])) == []


def test_more_than_the_limit_on_demand_is_refused_with_its_size() -> None:
    with pytest.raises(BadFiles, match=r"match 68157440 bytes, more than 67108864"):
        named(PurePosixPath("r.ipynb"), paths({"huge.bin": 65 * MEBIBYTE}), ["huge.bin"])


def test_a_pattern_that_matches_nothing_is_a_mistake() -> None:
    with pytest.raises(BadFiles, match=r"'data\.csv' matches no file"):
        named(PurePosixPath("r.ipynb"), paths({"other.csv": 1}), ["data.csv"])
