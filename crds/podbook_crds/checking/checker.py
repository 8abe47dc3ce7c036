"""Judges in bounds: what costs little at once, everything else in processes that can be killed."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from cachetools import FIFOCache

from podbook_crds.bounded_processes.pool import Full, Pool, TooLong
from podbook_crds.bounded_processes.process import Ended, Part, Refused
from podbook_crds.call_rules.parameters import ROOT
from podbook_crds.checking import asking
from podbook_crds.checking.at_once import check_parameters, refuse, unsayable
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import Busy, InvalidContract, Violation

SECONDS: Final = 5
_PROCESSES: Final = 2
_REMEMBERED: Final = 1000


class Unchecked(Exception):
    """It could not be checked in bounds; the message begins with "could not be checked"."""


class Checker:
    """Judges values and schemas; a contract that took too long once has one process to itself."""

    def __init__(
        self,
        *,
        processes: int = _PROCESSES,
        seconds: int = SECONDS,
        memory: int = asking.MEMORY,
        patience: float | None = SECONDS,
    ) -> None:
        pool = partial(Pool, asking.MODULE, seconds=seconds, memory=memory, patience=patience)
        self._pool = pool(processes=processes)
        # For what took too long before: it must not take the place of what never did.
        self._slow = pool(processes=1)
        self._suspects: FIFOCache[str, None] = FIFOCache(_REMEMBERED)

    async def parameters(
        self,
        parameters: Mapping[str, Any],
        contract: Contract | None,
        *,
        strict: bool,
        language: str,
        closed: bool = True,
    ) -> None:
        """Raise InvalidParameters with every violation; return where the parameters fit.

        strict asserts formats and, where closed, refuses undeclared parameters. Raises
        InvalidContract where the contract cannot be used, Busy where too much is being checked.
        """
        said = {"strict": strict, "closed": closed}
        if check_parameters(parameters, contract, language=language, **said):
            return
        judged: list[Violation] = []
        if contract is not None:
            try:
                judged = await self._judged(
                    dict(parameters), contract, root=ROOT, formats=strict, closed=strict and closed
                )
            except Unchecked as error:
                judged = [Violation(ROOT, str(error))]
        refuse(unsayable(parameters, contract, language), judged)

    async def schema(self, contract: Contract) -> None:
        """Raise InvalidContract where the contract is none, or could not be judged in bounds."""
        try:
            await self._ask(contract, asking.said())
        except Unchecked as error:
            raise InvalidContract(f"the contract {error}") from error

    async def close(self) -> None:
        """End the processes."""
        await self._pool.close()
        await self._slow.close()

    async def _judged(
        self, value: Any, contract: Contract, *, root: str, formats: bool, closed: bool
    ) -> list[Violation]:
        said = asking.said(root=root, formats=formats, closed=closed)
        return asking.found(await self._ask(contract, said, lambda: json.dumps(value).encode()))

    async def _ask(self, contract: Contract, said: dict[str, Any], *value: Part) -> bytes:
        pool = self._slow if contract.key in self._suspects else self._pool
        try:
            return await pool.ask(said, contract.wire, *value)
        except TooLong as error:
            self._suspect(contract.key)
            raise Unchecked(asking.too_long(pool.seconds)) from error
        except Ended as error:
            self._suspect(contract.key)
            raise Unchecked("could not be checked: no process survived it") from error
        except Refused as error:
            self._suspect(contract.key)
            raise Unchecked(asking.not_checked(str(error))) from error
        except OSError as error:
            raise Busy(f"no process can be started to check it: {error}") from error
        except Full as error:
            raise Busy("too much is being checked; try again in a few seconds") from error

    def _suspect(self, key: str) -> None:
        self._suspects[key] = None
