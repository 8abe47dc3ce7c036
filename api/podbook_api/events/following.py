"""Follows one execution: what its attempts told, how its phase changes, and its end."""

from collections.abc import AsyncIterator
from typing import Final

from podbook_api.artifacts.execution_artifacts import Artifacts
from podbook_api.events.followed import Followed
from podbook_api.events.retelling import Retelling
from podbook_api.events.standing import Item, Place, Standing
from podbook_api.events.tails import Tails
from podbook_api.state.executions import Executions
from podbook_crds.errors import UnknownArtifact
from podbook_crds.log.events import Event, EventType, written
from podbook_crds.resources.execution import Attempt, Execution

# What changes and what is told wakes a reader: this is for saying that all is quiet.
_LOOK_SECONDS: Final = 1.0


class Following:
    """What readers of single executions are told."""

    def __init__(
        self, executions: Executions, tails: Tails, artifacts: Artifacts, retelling: Retelling
    ) -> None:
        self._executions = executions
        self._tails = tails
        self._artifacts = artifacts
        self._retelling = retelling

    async def follow(self, name: str, after: Place) -> AsyncIterator[Item]:
        """Yield everything after that place, until the execution has ended or this process does.

        How it stands comes first, its end last. Raises UnknownExecution where it is gone.
        """
        standing, place = Standing(after), after
        with Followed(self._executions, name) as followed:
            while True:
                execution = await followed.now()
                for item in standing.news(execution, place):
                    yield item
                if followed.is_stopping:
                    return
                attempt = _attempt_after(execution, place)
                if attempt is not None:
                    async for item in self._attempt(followed, attempt, place, standing):
                        yield item
                    place = Place(attempt.number + 1)
                elif execution.status.phase.is_final:
                    yield Item(written(standing.end(execution)))
                    return
                else:
                    await followed.wait(_LOOK_SECONDS)

    async def near_the_end(self, execution: Execution, events: int) -> Place:
        """Return the place that so many events of the last attempt follow, as far as it told."""
        number = execution.status.last_claimed
        if not number:
            return Place()
        with self._tails.reading(execution.uid, number) as tail:
            told = await tail.last()
        if not told and execution.status.phase.is_final:
            told = len(await self._retold(execution))
        return Place(number, max(0, told - events))

    async def _attempt(
        self, followed: Followed, attempt: Attempt, after: Place, standing: Standing
    ) -> AsyncIterator[Item]:
        """Yield what one attempt tells, until it has ended and nothing more of it is there."""
        number = begun = after.number if after.attempt == attempt.number else 0
        if not number:
            yield Item(written(_beginning(attempt)))
        execution = await followed.now()
        with self._tails.reading(execution.uid, attempt.number) as tail:
            while not followed.is_stopping:
                grew, is_over = tail.grew, _is_over(execution, attempt.number)
                lines = await tail.read(number + 1, to_the_end=is_over)
                for number, line in lines:
                    yield standing.told(line, attempt.number, number)
                if is_over and not lines:
                    break
                if not lines and not followed.is_stopping:
                    await tail.grown(_LOOK_SECONDS, since=grew, or_sooner=followed.changed)
                execution = await followed.now()
                for item in standing.news(execution, Place(attempt.number, number)):
                    yield item
            is_untold = number == begun and await tail.is_empty()
        if is_untold and _is_last(execution, attempt.number):
            async for told, line in self._afterwards(execution, begun):
                yield standing.told(line, attempt.number, told)

    async def _afterwards(
        self, execution: Execution, after: int
    ) -> AsyncIterator[tuple[int, bytes]]:
        """Yield what a run without a log would have told: its notebook says it."""
        for told, line in enumerate(await self._retold(execution), start=1):
            if told > after:
                yield told, line

    async def _retold(self, execution: Execution) -> list[bytes]:
        try:
            ipynb = await self._artifacts.executed(execution)
        except UnknownArtifact:
            return []
        return await self._retelling.lines(ipynb)


def _attempt_after(execution: Execution, place: Place) -> Attempt | None:
    """Return the first attempt that has something to tell and was not read to its end."""
    claimed = [a for a in execution.status.attempts if a.claimed_at is not None]
    return next((a for a in claimed if a.number >= place.attempt), None)


def _is_over(execution: Execution, number: int) -> bool:
    if execution.status.phase.is_final:
        return True
    attempts = {a.number: a for a in execution.status.attempts}
    return number not in attempts or attempts[number].finished_at is not None


def _is_last(execution: Execution, number: int) -> bool:
    return execution.status.phase.is_final and number == execution.status.last_claimed


def _beginning(attempt: Attempt) -> Event:
    return {"type": EventType.ATTEMPT, "attempt": attempt.number}
