"""What parts must agree on is written down once; where one cannot import it, they are compared."""

import re
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from pydantic import BaseModel

from podbook import comparison, data_frames, read_models
from podbook.calling import durations as durations_of_clients
from podbook_api.v1.requests import Options
from podbook_crds import names
from podbook_crds.formats import digests, durations, json_pointers, media_types
from podbook_crds.resources.execution import ExecutionSpec
from podbook_crds.resources.notebook import Defaults
from tests.house.test_layout import ROOT, tracked

PARTS = ("api", "catalog", "cli", "crds", "kube", "local", "operator", "runner", "sdk")
# A lock that is tried for; one that is waited for as long as it takes.
FLOCK = r"\bflock\("
# A pause that grows from try to try; a client's, of five tries at most.
GROWING = r"\* ?[\w.]* ?\*\* ?(\(|min|tr)"
# The SDK runs where nothing of Podbook is installed: what it says again is compared below.
HOMES = {
    r"sha256:(\{|\[0-9a-f)": {"crds/podbook_crds/formats/digests.py"},
    r"~1": {
        "crds/podbook_crds/formats/json_pointers.py",
        "sdk/podbook/calling/left.py",
        "sdk/podbook/comparison.py",
    },
    r"\"x-podbook-(?!proxy)": {"crds/podbook_crds/names.py", "sdk/podbook/read_models.py"},
    r"\"application/(octet-stream|x-ipynb\+json|problem\+json)\"": {
        "crds/podbook_crds/formats/media_types.py",
        # Bytes of blobs, sent by a program that is to start at once.
        "catalog/podbook_catalog/pushing/rest.py",
        "api/podbook_api/web/routes.py",
    },
    FLOCK: {
        "local/podbook_cluster/file_locks.py",
        "catalog/podbook_catalog/environments/environments.py",
    },
    GROWING: {"crds/podbook_crds/backoff.py", "sdk/podbook/calling/steps.py"},
    # A limit is told in whole seconds where it is kept; what something took, in one way.
    r":\.[12]f\} s\b|divmod\(round\(": {
        "crds/podbook_crds/formats/durations.py",
        "sdk/podbook/calling/durations.py",
    },
}


def _written(pattern: str) -> Iterator[str]:
    found = re.compile(pattern)
    for name in tracked(*(f"{part}/*.py" for part in PARTS)):
        # The embedded cluster knows nothing of Podbook, not even how it spells a type.
        is_apart = name.startswith("local/podbook_cluster/") and pattern not in (FLOCK, GROWING)
        if not is_apart and found.search((ROOT / name).read_text()):
            yield name


@pytest.mark.parametrize("pattern", list(HOMES))
def test_a_fact_has_one_home(pattern: str) -> None:
    assert set(_written(pattern)) == HOMES[pattern]


@pytest.mark.parametrize(
    ("own", "name", "contract"),
    [
        (read_models, "IMPORT_KEY", names.IMPORT_KEY),
        (read_models, "JSON_ONLY_KEY", names.JSON_ONLY_KEY),
        (sys.modules["podbook.save_output"], "OWN_TYPE", names.OUTPUT_TYPE),
        (data_frames, "MEDIA_TYPE", media_types.PARQUET),
    ],
)
def test_what_kernels_import_says_the_same_as_the_contract(
    own: ModuleType, name: str, contract: str
) -> None:
    assert getattr(own, name) == contract


def test_a_digest_is_written_and_known_in_one_form() -> None:
    made = digests.digest_of(b"podbook")

    assert digests.is_digest(made)
    assert re.fullmatch(digests.PATTERN, made)
    assert not any(map(digests.is_digest, (made[:-1], made.upper(), f"{made}\n", f" {made}")))


@pytest.mark.parametrize("name", ["a/b", "a~b", "~1", "~0/~1", "", "a"])
def test_a_name_survives_as_a_step_of_a_pointer(name: str) -> None:
    pointer = f"#/{json_pointers.escaped(name)}/x"

    assert list(json_pointers.steps(pointer)) == [name, "x"]
    assert comparison._escaped(name) == json_pointers.escaped(name)


@pytest.mark.parametrize("spelled", [durations.spelled, durations_of_clients.spelled])
def test_a_duration_looks_the_same_whoever_writes_it(spelled: Callable[[float], str]) -> None:
    looks = {
        -3: "0.0 s",
        0.0: "0.0 s",
        0.04: "0.04 s",
        0.949: "0.95 s",
        0.96: "1.0 s",
        59.94: "59.9 s",
        59.96: "1 min 0 s",
        61: "1 min 1 s",
        3599.6: "1 h 0 min",
        3700: "1 h 1 min",
    }

    assert {seconds: spelled(seconds) for seconds in looks} == looks


def test_the_limits_of_a_run_are_the_same_wherever_they_are_set() -> None:
    assert _bounds(ExecutionSpec) == _bounds(Options)
    assert _bounds(ExecutionSpec).items() <= _bounds(Defaults).items()


def _bounds(model: type[BaseModel]) -> dict[str, str]:
    properties = model.model_json_schema()["properties"]
    return {
        name: str(re.findall(r"'((?:min|max)imum)': (\d+)", str(schema)))
        for name, schema in properties.items()
        if name.replace("_", "").lower() in LIMITS
    }


LIMITS = {
    "deadlineseconds",
    "starttimeoutseconds",
    "queuetimeoutseconds",
    "retrylimit",
    "ttlsecondsafterfinished",
}
