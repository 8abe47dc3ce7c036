"""What a check by a contract costs a call: at once, in a process, and before there were bounds.

Run as `python -m bench.checking`. A call that runs a notebook takes 150 ms and more: `bench.path`.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from podbook_crds.call_rules.contracts import violations
from podbook_crds.checking.checker import Checker
from podbook_crds.checking.contract import Contract

_TIMES: Final = 300
_ITEM: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "count": {"type": "integer", "minimum": 0}},
    "required": ["name"],
    "additionalProperties": False,
}
_CONTRACT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "region": {"enum": ["north", "south"]},
        "start": {"type": "string", "format": "date-time"},
        "code": {"type": "string", "pattern": "^[a-z]{2}-[0-9]{4}$"},
        "items": {"type": "array", "items": _ITEM},
    },
    "required": ["region"],
}
_TREE: Final[dict[str, Any]] = {
    **_CONTRACT,
    "$defs": {"tree": {"type": "object", "additionalProperties": {"$ref": "#/$defs/tree"}}},
    "properties": {**_CONTRACT["properties"], "tree": {"$ref": "#/$defs/tree"}},
}


def _given(items: int) -> dict[str, Any]:
    listed = [{"name": f"n{number}", "count": number} for number in range(items)]
    head = {"region": "north", "start": "2026-01-31T12:00:00Z", "code": "ab-1234"}
    return {**head, "items": listed}


def main() -> None:
    """Print the table."""
    asyncio.run(_main())


async def _main() -> None:
    checker = Checker()
    print("| parameters | how | without bounds, µs | with, µs | more, µs |")
    print("|---|---|---|---|---|")
    for what, schema, items in (
        ("3 values and a list of 3", _CONTRACT, 3),
        ("3 values and a list of 300", _CONTRACT, 300),
        ("the same 3, a contract that recurs", _TREE, 3),
    ):
        contract, given = Contract(schema, {}), _given(items)
        how = "at once" if contract.proof.covers(given) else "in a process"
        before = await _median(_unbounded(schema, given))
        after = await _median(_bounded(checker, contract, given))
        print(f"| {what} | {how} | {before:.0f} | {after:.0f} | {after - before:.0f} |")
    await checker.close()


def _unbounded(schema: dict[str, Any], given: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
    async def check() -> None:
        violations(given, schema, models={}, root="/parameters", formats=True, closed=True)

    return check


def _bounded(
    checker: Checker, contract: Contract, given: dict[str, Any]
) -> Callable[[], Awaitable[Any]]:
    return lambda: checker.parameters(given, contract, strict=True, language="python")


async def _median(call: Callable[[], Awaitable[Any]]) -> float:
    """Return the microseconds of the middle call; the first ones are not counted."""
    taken = []
    for _ in range(_TIMES):
        start = time.perf_counter()
        await call()
        taken.append((time.perf_counter() - start) * 1e6)
    return statistics.median(taken[_TIMES // 10 :])


if __name__ == "__main__":
    main()
