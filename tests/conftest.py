"""Which tests begin first where several workers share them."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# Each of these files takes a worker a minute or more: begun last, they would leave the others idle.
LONG = [
    "installed/test_without_a_clone.py",
    "docs/test_documents.py",
    "real/test_real_notebooks.py",
    "ends/test_1_every_end.py",
    "local/up/test_up.py",
    "api/protocol/test_any_request.py",
    "api/openapi/test_generated_clients.py",
    "operator/reconcile/test_poison.py",
    "faults/test_side_effects.py",
    "local/up/test_models_that_take_long.py",
]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    name = item.path.relative_to(TESTS).as_posix()
    return LONG.index(name) if name in LONG else len(LONG)
