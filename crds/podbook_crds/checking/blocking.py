"""Judges in bounds for who has no event loop: the runner, and what reads a catalog's folder."""

import json
from collections.abc import Callable
from typing import Any, Final

from cachetools import FIFOCache

from podbook_crds.bounded_processes.once import ask
from podbook_crds.bounded_processes.pool import TooLong
from podbook_crds.bounded_processes.process import Ended, Part, Refused
from podbook_crds.checking import asking
from podbook_crds.checking.at_once import contract_problem, found
from podbook_crds.checking.checker import SECONDS, Unchecked
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidContract, Violation

_KEPT: Final = 1024


def violations(
    value: Any,
    contract: Contract,
    *,
    root: str,
    closed: bool = False,
    seconds: float = SECONDS,
    is_stopped: Callable[[], bool] = bool,
) -> list[Violation]:
    """Return every place where the value does not fit, formats asserted; at most 100.

    closed refuses what a plain schema does not declare, as a call does.
    Raises InvalidContract, Unchecked, and Stopped where is_stopped says so.
    """
    at_once = found(value, contract, root=root, formats=True, closed=closed)
    if at_once is not None:
        return at_once
    said = asking.said(root=root, closed=closed)
    return asking.found(_ask(contract, said, _json(value), seconds=seconds, is_stopped=is_stopped))


def check_contract(contract: Contract) -> None:
    """Raise InvalidContract where the contract is none, or could not be judged in bounds.

    What was found of a contract is known from then on: a folder is read again and again.
    """
    known = contract_problem(contract)
    if known is None:
        known = _found.get(contract.key)
    if known is None:
        known = _found[contract.key] = _problem(contract)
    if known:
        raise InvalidContract(known)


_found: FIFOCache[str, str] = FIFOCache(_KEPT)


def _problem(contract: Contract) -> str:
    try:
        _ask(contract, asking.said(), seconds=SECONDS)
    except Unchecked as error:
        return f"the contract {error}"
    except InvalidContract as error:
        return str(error)
    return ""


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _ask(
    contract: Contract,
    said: dict[str, Any],
    *value: Part,
    seconds: float,
    is_stopped: Callable[[], bool] = bool,
) -> bytes:
    try:
        return ask(
            asking.MODULE,
            said,
            contract.wire,
            *value,
            memory=asking.MEMORY,
            seconds=seconds,
            is_stopped=is_stopped,
        )
    except TooLong as error:
        raise Unchecked(asking.too_long(seconds)) from error
    except Ended as error:
        raise Unchecked("could not be checked: no process survived it") from error
    except Refused as error:
        raise Unchecked(asking.not_checked(str(error))) from error
