"""POST: runs of what is in the catalog, and of notebooks that a caller sends."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from podbook_api.auth import rights
from podbook_api.openapi import route_docs
from podbook_api.state.submission_order import Order
from podbook_api.v1 import continuing, executions
from podbook_api.v1.answers.execution import Execution, ExecutionList
from podbook_api.v1.answers.execution_answers import answer
from podbook_api.v1.handed import Api, InlineRun, NotebookRun, Seconds, WantedLines
from podbook_api.v1.parameters import DryRun
from podbook_api.v1.requests import InlineRequest, RunRequest
from podbook_crds.ends.phases import Phase
from podbook_crds.formats import media_types

routes = APIRouter(prefix="/v1")


@routes.post(
    "/notebooks/{notebook_id:path}/executions",
    dependencies=[rights.RUN],
    tags=["notebooks"],
    operation_id="runNotebook",
    summary="Run a notebook",
    status_code=202,
    responses=route_docs.run_answers(Execution),
    openapi_extra=route_docs.body(RunRequest),
)
async def run(
    request: Request,
    notebook_id: str,
    *,
    api: Api,
    seconds: Seconds,
    asked: NotebookRun,
    dry_run: DryRun = False,
) -> Response:
    """Run it, or only show it with its parameters."""
    if dry_run:
        entry, _ = await api.submissions.checked(notebook_id, asked)
        resolved = api.submissions.resolved(entry, asked.parameters)
        return _shown(await api.dry_runs.notebook(entry, resolved))
    made = await api.submissions.run(notebook_id, asked)
    return await answer(api, request, made.execution, seconds=seconds, made=made)


@routes.get(
    "/notebooks/{notebook_id:path}/executions",
    dependencies=[rights.LIST_EXECUTIONS],
    tags=["notebooks"],
    operation_id="listNotebookExecutions",
    summary="List the executions of a notebook",
    responses=route_docs.answers(ExecutionList, 200),
)
async def list_runs(
    request: Request,
    notebook_id: str,
    *,
    api: Api,
    phase: Phase | None = None,
    wanted: WantedLines,
    order: executions.Ordered = Order.NEWEST,
    limit: executions.Limit = 50,
    after: continuing.Continue = None,
) -> Response:
    """As /v1/executions lists them with `notebook`; of one that is gone, too."""
    return await executions.list_executions(
        request,
        api=api,
        notebook=notebook_id,
        phase=phase,
        wanted=wanted,
        order=order,
        limit=limit,
        after=after,
    )


@routes.post(
    "/executions",
    dependencies=[rights.RUN],
    tags=["executions"],
    operation_id="runInline",
    summary="Run a notebook of your own",
    status_code=202,
    responses=route_docs.run_answers(Execution),
    openapi_extra=route_docs.body(InlineRequest),
)
async def run_inline(
    request: Request, *, api: Api, seconds: Seconds, asked: InlineRun, dry_run: DryRun = False
) -> Response:
    """Run what the caller sends, or only show it with its parameters."""
    notebook, submission = asked.notebook, asked.submission
    if dry_run:
        await api.submissions.check_inline(submission)
        shown = api.dry_runs.inline(
            notebook.text, submission.parameters, language=notebook.language, kernel=asked.kernel
        )
        return _shown(await shown)
    made = await api.submissions.run_inline(notebook.text, submission, notebook.cache)
    return await answer(api, request, made.execution, seconds=seconds, made=made)


def _shown(ipynb: str | bytes) -> Response:
    return Response(ipynb, media_type=media_types.IPYNB)
