"""Checks what one call wants of its notebook's runtime against what the notebook allows."""

from collections.abc import Iterator

from podbook_crds.call_rules.overriding.environment_names import never
from podbook_crds.errors import OverrideNotAllowed, Violation
from podbook_crds.formats.json_pointers import escaped
from podbook_crds.resources import quantities
from podbook_crds.resources.amounts import violations
from podbook_crds.resources.execution import RuntimeOverride
from podbook_crds.resources.notebook import Resources
from podbook_crds.resources.overrides import Overrides

ROOT = "/runtime"


def check_overrides(asked: RuntimeOverride, allowed: Overrides | None, *, inline: bool) -> None:
    """Raise OverrideNotAllowed with everything that may not be changed.

    The one answer of the API and of the operator. Who sends the notebook along is its author, and
    allows what is asked; names that may never be given are refused there too.
    """
    found = [*_env(asked, None if inline else allowed or Overrides())]
    if inline:
        found += violations(asked.resources or Resources())
    else:
        found += _kernel(asked, allowed or Overrides())
        found += _resources(asked.resources or Resources(), allowed or Overrides())
    if found:
        raise OverrideNotAllowed(found)


def mistakes(overrides: Overrides | None) -> list[str]:
    """Return what is wrong with a notebook's own list, each with its place in it."""
    if overrides is None:
        return []
    found = [
        f"/overrides/env: {name[:80]!r} can be allowed to no call: {why}"
        for name in overrides.env
        if (why := never(name))
    ]
    for name, most in overrides.resources.items():
        try:
            quantities.parse(most)
        except ValueError as error:
            found.append(f"/overrides/resources/{name[:80]}: {error}")
    return found


def _env(asked: RuntimeOverride, allowed: Overrides | None) -> Iterator[Violation]:
    for index, variable in enumerate(asked.env):
        pointer, name = f"{ROOT}/env/{index}/name", variable.name[:80]
        if why := never(variable.name):
            yield Violation(pointer, f"{name!r} may be set by no call: {why}")
        elif allowed is not None and variable.name not in allowed.env:
            yield Violation(pointer, f"{name!r} {_unlisted('env', allowed.env)}")


def _kernel(asked: RuntimeOverride, allowed: Overrides) -> Iterator[Violation]:
    if asked.kernel is not None and asked.kernel not in allowed.kernel:
        sentence = f"{asked.kernel[:80]!r} {_unlisted('kernel', allowed.kernel)}"
        yield Violation(f"{ROOT}/kernel", sentence)


def _resources(asked: Resources, allowed: Overrides) -> Iterator[Violation]:
    for part, amounts in (("requests", asked.requests), ("limits", asked.limits)):
        for name, amount in amounts.items():
            step = escaped(name[:80])
            if why := _too_much(name, amount, allowed):
                yield Violation(f"{ROOT}/resources/{part}/{step}", why)


def _too_much(name: str, amount: str, allowed: Overrides) -> str:
    most = allowed.resources.get(name)
    if most is None:
        return f"{name[:80]!r} {_unlisted('resources', list(allowed.resources))}"
    try:
        wanted, limit = quantities.parse(amount), quantities.parse(most)
    except ValueError as error:
        return str(error)
    if wanted < 0:
        return f"{amount[:40]} is less than nothing"
    return (
        f"{amount[:40]} is more than the {most} that the notebook allows" if wanted > limit else ""
    )


def _unlisted(field: str, listed: list[str]) -> str:
    names = f"it lists {', '.join(sorted(listed))}" if listed else "it lists none"
    return f"may not be changed: the notebook does not name it in overrides.{field} ({names})"
