"""The way of one run: lay out, parametrise, wait for the kernel, run, save, hand in."""

import logging
import time
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from nbformat import NotebookNode

from podbook_crds.bounded_processes.once import Stopped
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import InvalidNotebook, InvalidParameters
from podbook_crds.protocol.job import Job
from podbook_crds.protocol.result import RunResult
from podbook_crds.resources.serving.warm import WarmLevel
from podbook_crds.resources.warning import bounded
from podbook_runner.cells.notebook import language_info, read
from podbook_runner.cells.notes import Notes
from podbook_runner.cells.prepared import NotPrepared, Prepared, record
from podbook_runner.cells.session import Session
from podbook_runner.cells_end import End
from podbook_runner.files.work_folder import WorkFolder, content
from podbook_runner.kernel import early_imports, first_request
from podbook_runner.kernel.client import Kernel, KernelDied
from podbook_runner.kernel.listening import has_left
from podbook_runner.kernel.readiness import (
    NotReady,
    SetupFailed,
    StoppedBeforeReady,
    wait_until_ready,
)
from podbook_runner.parameters import parameters_cell
from podbook_runner.refused import Refused, cancelled
from podbook_runner.reporting import artifacts, output
from podbook_runner.reporting.intake import Intake, Rejected, Unreachable, Upload
from podbook_runner.reporting.judgement import (
    in_bounds,
    is_judged_at_once,
    judge,
    not_judged_yet,
)
from podbook_runner.reporting.report import Judge, Report
from podbook_runner.reporting.uploads import notebook_upload
from podbook_runner.run_result import judged_later, result_of, stopped_while_judged, uploads_of
from podbook_runner.settings import Settings
from podbook_runner.stops import Stops

_log = logging.getLogger(__name__)

# How long a kernel that nobody calls is listened to at a time: its end wakes us at once.
IDLE_SECONDS: Final = 60.0
# Of the time that a pod has to start, for what is done before a call.
_PART_OF_THE_START: Final = 0.8


class Run:
    """One attempt at one execution, in the pod that was made for it."""

    def __init__(self, settings: Settings, intake: Intake, stops: Stops, *, root: Path) -> None:
        self._settings = settings
        self._intake = intake
        self._stops = stops
        self._root = root
        self._report = Report(intake, settings.termination_log)
        self._kernel = Kernel(settings.connection_file, wakeup=stops.descriptor)
        self._notes = Notes()
        self._is_python = False
        # What the kernel is, and the cells that have run, where it was prepared before a call.
        self._info: dict[str, Any] = {}
        self._prepared: Prepared = {}
        # Set where judging the output takes longer than anything may take before it is stored.
        self._judge: Judge | None = None
        # The cells, once they were to run.
        self._session: Session | None = None
        # When the intake was first asked for what is being done now, as `time.monotonic` has it.
        self._asking_since = time.monotonic()

    def prepare(self, before: dict[str, Any]) -> None:
        """Do what can be done before a call. Raises Refused.

        Files that do not travel inside the job are laid out with the call.
        """
        job = Job.model_validate(before)
        self._is_python = job.language.lower() == "python"
        try:
            place, runs_cells = WorkFolder.of(self._root, job), self._runs_cells
            found = [file for file in job.files if runs_cells or file.text is not None]
            place.lay_out(found, self._blob)
            self._info = self._ready(place, job)
            if runs_cells or job.ipynb.text is not None:
                notebook = read(content(job.ipynb, self._blob))
                self._import_early(notebook, job)
                if runs_cells:
                    self._prepared = self._run_early(notebook, job)
        except InvalidNotebook as error:
            raise Refused(Reason.INVALID_NOTEBOOK, str(error)) from error
        except (NotPrepared, Rejected, Unreachable) as error:
            raise Refused(Reason.START_FAILED, str(error)) from error

    @property
    def _runs_cells(self) -> bool:
        return self._settings.warm_level is WarmLevel.CELLS

    def _run_early(self, notebook: NotebookNode, job: Job) -> Prepared:
        """Run the cells above the parameters; the operator waits no longer than for a start."""
        seconds = self._settings.start_seconds * _PART_OF_THE_START
        return record(
            notebook,
            self._kernel,
            until=self._asking_since + seconds,
            is_stopped=self._is_stopped,
            refuse_input=partial(self._kernel.refuse_input, language=job.language),
        )

    def _import_early(self, notebook: NotebookNode, job: Job) -> None:
        """Import what the cells will, and here what writing the parameters takes."""
        with suppress(InvalidParameters):  # Of a call without any: what is written is thrown away.
            parameters_cell.inject(deepcopy(notebook), job)
        is_early = self._settings.warm_level is WarmLevel.IMPORTS and self._is_python
        if is_early and (code := early_imports.code(notebook)):
            self._answered(code)

    def idle(self, seconds: float = IDLE_SECONDS) -> None:
        """Take what an idle kernel says, until something wakes us; raises KernelDied."""
        for _ in self._kernel.listen(seconds):
            pass
        self._stops.acknowledge()

    def look(self) -> None:
        """Raise KernelDied where the kernel has ended, which no message may have told yet."""
        self.idle(0)
        if has_left(self._settings.connection_file):
            raise KernelDied

    def execute(self, claimed: dict[str, Any]) -> RunResult:
        """Run the claimed job to its end and hand the result in, whatever happens."""
        self._asking_since = time.monotonic()
        try:
            result, uploads = self._run(Job.model_validate(claimed))
        except Refused as refused:
            self._kernel.end(python=self._is_python, idle=True)
            result = refused.result
            uploads = [notebook_upload(refused.notebook)] if refused.notebook else []
        except Exception as error:
            _log.exception("the runner failed")
            self._kernel.end(python=False, idle=False)
            said = f"the runner failed: {type(error).__name__}: {error}"
            result = RunResult(reason=Reason.INTERNAL_ERROR, message=said)
            uploads = self._what_is_there()
        return self._hand_in(result, uploads)

    def end_unclaimed(self, *, away: bool) -> None:
        """There is nothing to run: let the kernel go, if it is there yet.

        away says that nobody gave the job; the operator makes no more such pods for a while then.
        """
        if away:
            said = "the intake did not answer when it was asked for the job"
            self._report.write(RunResult(reason=Reason.INTAKE_UNAVAILABLE, message=said))
        self._kernel.end(python=False, idle=False)
        self._kernel.close()

    def _run(self, job: Job) -> tuple[RunResult, list[Upload]]:
        self._is_python = job.language.lower() == "python"
        place, notebook = self._prepared_notebook(job)
        # What its cells made of folder and environment stays as it is.
        info = self._info if self._prepared else self._ready(place, job)
        self._stops.allow(job.deadline_seconds)
        notebook.metadata["language_info"] = language_info(info, job.language)
        session = self._session = self._begun(notebook, job, place)
        started_at = datetime.now(UTC)
        ended = session.run()
        # So that a client that compares the two finds the end after the start.
        finished_at = max(datetime.now(UTC), started_at + timedelta(microseconds=1))
        self._kernel.end(python=self._is_python, idle=ended.kernel_idle)
        self._asking_since = time.monotonic()
        saved = output.find(place, notebook, session.saved)
        is_quick = is_judged_at_once(saved, job)
        result = result_of(
            ended,
            saved,
            job,
            judged=judge(saved, job) if is_quick else not_judged_yet(job),
            started_at=started_at,
            finished_at=finished_at,
        )
        if not is_quick and ended.end is End.COMPLETED:
            self._judge = partial(self._judged, saved, job)
        files, losses = artifacts.collect(place)
        warnings = bounded([*self._notes.warnings(), *saved.warnings])
        told = {"warnings": warnings, "lost": losses.all()}
        uploads = uploads_of(session.render(), saved, ended)
        session.tell_the_end()
        return result.model_copy(update=told), uploads + files

    def _begun(self, notebook: NotebookNode, job: Job, place: WorkFolder) -> Session:
        return Session(
            notebook,
            self._kernel,
            self._stops,
            self._intake,
            self._until,
            language=job.language,
            place=place,
            notes=self._notes,
            prepared=self._prepared,
        )

    def _what_is_there(self) -> list[Upload]:
        """Return the notebook as far as it ran, whatever else went wrong with us."""
        if self._session is None:
            return []
        try:
            return [notebook_upload(self._session.render())]
        except Exception:
            _log.exception("the notebook cannot be saved")
            return []

    def _judged(self, saved: output.Output, job: Job, result: RunResult) -> RunResult:
        """Judge what is stored already, however long that takes; a stop and the deadline hold."""
        check = in_bounds(self._is_stopped)
        try:
            return judged_later(result, judge(saved, job, check))
        except Stopped:
            return stopped_while_judged(result, self._stops.reason(), job)
        finally:
            self._asking_since = time.monotonic()

    def _prepared_notebook(self, job: Job) -> tuple[WorkFolder, NotebookNode]:
        source = b""
        try:
            place = WorkFolder.of(self._root, job)
            if not self._prepared:  # Else they are there, as its cells left them.
                place.lay_out(job.files, self._blob)
            source = content(job.ipynb, self._blob)
            return place, parameters_cell.inject(read(source), job, is_stopped=self._is_stopped)
        except Stopped as error:
            raise cancelled() from error
        except InvalidNotebook as error:
            raise Refused(Reason.INVALID_NOTEBOOK, str(error)) from error
        except InvalidParameters as error:
            raise Refused(Reason.INVALID_PARAMETERS, str(error), notebook=source) from error
        except Rejected as error:
            gone = f"the content of the notebook cannot be had: {error}"
            raise Refused(Reason.NOTEBOOK_CHANGED, gone) from error
        except Unreachable as error:
            away = f"the intake did not give the notebook's content: {error}"
            raise Refused(Reason.START_FAILED, away) from error

    def _ready(self, place: WorkFolder, job: Job) -> dict[str, Any]:
        return self._answered(first_request.code(job.language, place, job.python_path))

    def _answered(self, code: str) -> dict[str, Any]:
        seconds = self._settings.start_seconds
        try:
            return wait_until_ready(
                self._kernel,
                code,
                self._stops,
                connection_file=self._settings.connection_file,
                within_seconds=seconds,
            )
        except KernelDied as error:
            said = "the kernel ended before its first answer"
            raise Refused(Reason.KERNEL_DIED, said) from error
        except NotReady as error:
            said = f"the kernel listens and gave no answer for {seconds:g} s (startTimeoutSeconds)"
            raise Refused(Reason.START_TIMEOUT, said) from error
        except SetupFailed as error:
            raise Refused(Reason.START_FAILED, f"the kernel did not start: {error}") from error
        except StoppedBeforeReady as error:
            raise cancelled() from error

    def _blob(self, digest: str) -> bytes:
        return self._intake.blob(digest, until=self._until)

    def _hand_in(self, result: RunResult, uploads: list[Upload]) -> RunResult:
        delivered = self._report.deliver(result, uploads, until=self._until, judge=self._judge)
        self._kernel.close()
        _log.info("%s %s", delivered.reason, delivered.message)
        return delivered

    def _is_stopped(self) -> bool:
        return self._stops.reason() is not None

    def _until(self) -> float:
        """Return until when the intake is worth another try: a stopped pod has little time."""
        return min(
            self._asking_since + self._settings.upload_seconds,
            self._stops.asked_at + self._settings.grace_seconds,
        )
