"""Checks what a runtime asks of its node, as the API server will when it is given the pod."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from podbook_crds.errors import Violation
from podbook_crds.formats.json_pointers import escaped
from podbook_crds.resources.notebook import Resources, Runtime
from podbook_crds.resources.quantities import parse

_POINTER: Final = "/runtime/resources"


def mistakes(runtime: Runtime) -> list[str]:
    """Return what is wrong with the amounts of a notebook's runtime, each with its place."""
    found = [f"{wrong.pointer}: {wrong.message}" for wrong in violations(runtime.resources)]
    if runtime.shm_size is not None and isinstance(why := _amount(runtime.shm_size), str):
        found.append(f"/runtime/shmSize: {why}")
    return found


def violations(resources: Resources) -> Iterator[Violation]:
    """Yield what is wrong with requests and limits: no quantities, or more asked than allowed."""
    for part, amounts in (("requests", resources.requests), ("limits", resources.limits)):
        for name, amount in amounts.items():
            if why := _wrong(name, amount):
                yield Violation(f"{_POINTER}/{part}/{_escaped(name)}", why)
    yield from _above_limits(resources.requests, resources.limits)


def _wrong(name: str, amount: str) -> str:
    value = _amount(amount)
    if isinstance(value, str):
        return value
    # Such as nvidia.com/gpu: devices are given whole.
    if "/" in name and value != value.to_integral_value():
        return f"{amount[:40]} is no whole number, and {name[:80]} is given in whole pieces"
    return ""


def _amount(text: str) -> Decimal | str:
    """Return the amount, or what is wrong with it."""
    try:
        value = parse(text)
    except ValueError as error:
        return str(error)
    return value if value >= 0 else f"{text[:40]} is less than nothing"


def _above_limits(requests: Mapping[str, str], limits: Mapping[str, str]) -> Iterator[Violation]:
    for name in requests.keys() & limits.keys():
        asked, most = _amount(requests[name]), _amount(limits[name])
        if isinstance(asked, Decimal) and isinstance(most, Decimal) and asked > most:
            yield Violation(
                f"{_POINTER}/requests/{_escaped(name)}",
                f"{requests[name][:40]} is more than the limit of {limits[name][:40]};"
                " a pod may not ask for more than it may use",
            )


def _escaped(name: str) -> str:
    return escaped(name[:80])
