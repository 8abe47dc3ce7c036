"""Finds out whether parameters fit that take a process to be checked, each execution's once."""

from collections.abc import Callable

from podbook_crds.checking.checker import Checker
from podbook_crds.checking.contract import contract_of
from podbook_crds.errors import InvalidContract, InvalidParameters
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import Notebook
from podbook_operator.reconcile.judging import Judging
from podbook_operator.rules.parameter_verdict import (
    FITS,
    Verdict,
    is_closed,
    is_strict,
    language_of,
    refused,
)
from podbook_operator.watch.queue_keys import Key


class Verdicts:
    """What is known of executions by their keys, which wake when more is."""

    def __init__(self, checker: Checker, wake: Callable[[Key], None]) -> None:
        self._checker = checker
        self._judging: Judging[Key, Verdict] = Judging(wake)

    def get(self, key: Key, execution: Execution, notebook: Notebook) -> Verdict | None:
        """Return the verdict, None until it is found."""
        state = (notebook.uid, notebook.generation)
        return self._judging.get(key, state, lambda: self._verdict(execution, notebook))

    def forget(self, key: Key) -> None:
        """The execution is gone."""
        self._judging.forget(key)

    async def _verdict(self, execution: Execution, notebook: Notebook) -> Verdict:
        try:
            await self._checker.parameters(
                execution.given_parameters,
                contract_of(notebook.spec),
                strict=is_strict(execution),
                closed=is_closed(execution, notebook),
                language=language_of(execution, notebook),
            )
        except (InvalidParameters, InvalidContract) as error:
            return refused(error, notebook)
        return FITS
