"""Clients of the replaced systems, as strict as theirs were: what they checked is checked here."""

import asyncio
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import aiohttp
import httpx
from pydantic import AnyHttpUrl, BaseModel


class JupyrestStatus(StrEnum):
    """The words that jupyrest's client knew."""

    ACCEPTED = "ACCEPTED"
    EXECUTING = "EXECUTING"
    COMPLETED = "COMPLETED"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class Completion(StrEnum):
    """How what is COMPLETED ended."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class JupyrestExecution(BaseModel):
    """What its poll parsed."""

    execution_id: str
    status: JupyrestStatus
    notebook_id: str
    parameters: dict[str, Any]
    execution_accepted_ts: datetime
    execution_start_ts: datetime | None
    execution_end_ts: datetime | None
    execution_completion_status: Completion | None
    has_output: bool | None
    has_exception: bool | None
    artifacts: dict[str, str] | None


class JupyrestClient:
    """Asks at once, raises for any error, and polls for COMPLETED without end."""

    def __init__(self, url: str) -> None:
        self._session = aiohttp.ClientSession(url, raise_for_status=True)

    async def __aenter__(self) -> "JupyrestClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def execute(self, notebook_id: str, parameters: dict[str, Any]) -> str:
        """Return the id of an accepted execution, which can be asked for already."""
        path = f"/api/notebooks/{notebook_id}/execute"
        async with self._session.post(path, json={"parameters": parameters}) as answer:
            accepted = await answer.json()
        assert (answer.status, accepted["status"]) == (202, "ACCEPTED")
        await self.show(accepted["execution_id"])
        return str(accepted["execution_id"])

    async def show(self, execution_id: str) -> JupyrestExecution:
        """Return the execution as it is."""
        async with self._session.get(f"/api/notebook_executions/{execution_id}") as answer:
            return JupyrestExecution.model_validate(await answer.json())

    async def completed(self, execution_id: str) -> JupyrestExecution:
        """Return the execution once it is COMPLETED; nothing else ends this."""
        while (shown := await self.show(execution_id)).status is not JupyrestStatus.COMPLETED:
            await asyncio.sleep(0.05)
        return shown

    async def text(self, path: str) -> str:
        """Return a page."""
        async with self._session.get(path) as answer:
            return await answer.text()

    async def json(self, path: str) -> Any:
        """Return JSON, which has to be called so."""
        async with self._session.get(path) as answer:
            return await answer.json()


class NoteburstStatus(StrEnum):
    """The words that Noteburst's clients knew."""

    DEFERRED = "deferred"
    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    NOT_FOUND = "not_found"


class NoteburstError(BaseModel):
    """What a cell raised."""

    name: str
    message: str


class NoteburstJob(BaseModel):
    """What they parsed; what is null was left out."""

    job_id: str
    kernel_name: str
    self_url: AnyHttpUrl
    enqueue_time: datetime
    status: NoteburstStatus
    source: str | None = None
    ipynb: str | None = None
    ipynb_error: NoteburstError | None = None
    start_time: datetime | None = None
    finish_time: datetime | None = None
    success: bool | None = None

    @property
    def runtime(self) -> timedelta:
        """Return how long a complete job ran; ValueError where it does not say."""
        if self.start_time is None or self.finish_time is None:
            raise ValueError("complete, and start_time or finish_time is missing")
        return self.finish_time - self.start_time


class NoteburstClient:
    """Hands in notebooks with a token, and asks for them at the address that it was told."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}

    def submit(self, ipynb: str) -> NoteburstJob:
        """Return the job, by its address alone."""
        answer = httpx.post(
            f"{self._url}/noteburst/v1/notebooks/",
            json={"ipynb": ipynb, "kernel_name": "LSST", "enable_retry": False},
            headers=self._headers,
            trust_env=False,
            timeout=60,
        )
        assert answer.status_code == 202, answer.text
        job = NoteburstJob.model_validate(answer.json())
        assert answer.headers["Location"] == answer.json()["self_url"]
        return job

    def get(self, job: NoteburstJob) -> NoteburstJob:
        """Return the job as it is now."""
        answer = httpx.get(str(job.self_url), headers=self._headers, trust_env=False, timeout=60)
        assert answer.status_code == 200, answer.text
        return NoteburstJob.model_validate(answer.json())
