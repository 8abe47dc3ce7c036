"""What a caller has to be allowed for each route: a table beside the routes, not read from them."""

from podbook_crds.names import EXECUTION_PLURAL as E
from podbook_crds.names import NOTEBOOK_PLURAL as N

OPEN = None
# What a route asks for beyond its own right, before it looks for anything.
ALSO_NEEDED = {
    ("GET", f"/v1/executions/{{execution_id}}/{what}"): ("get", E, "execution_id")
    for what in ("log", "pod-events")
}
# What a caller has to be allowed; the third is the parameter with the object's name. A new route
# gets a row here: what it says is what the documents promise, not what the route declares.
NEEDED: dict[tuple[str, str], tuple[str, str, str] | None] = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    # The pages and what they load hold no data; a session tells callers of themselves alone.
    **{("GET", path): OPEN for path in ("/", "/notebooks/{path:path}", "/executions")},
    **{("GET", path): OPEN for path in ("/executions/{path:path}", "/assets/{name}", "/frame")},
    ("GET", "/schemas/{name}"): OPEN,
    ("GET", "/frame/{name}"): OPEN,
    # Agents' tools ask for the right of what each of them does.
    ("POST", "/mcp"): ("know", "", ""),
    ("GET", "/mcp"): ("know", "", ""),
    ("GET", "/.well-known/oauth-protected-resource"): OPEN,
    ("GET", "/.well-known/oauth-protected-resource/mcp"): OPEN,
    ("GET", "/v1/session"): ("know", "", ""),
    ("GET", "/v1/health"): ("list", N, ""),
    ("GET", "/reports/{path:path}"): OPEN,
    ("GET", "/v1/reports/{notebook_id:path}"): ("get", E, ""),
    ("POST", "/v1/executions/{execution_id}/tickets"): ("get", E, "execution_id"),
    ("GET", "/docs"): ("list", N, ""),
    ("GET", "/docs/start.js"): ("list", N, ""),
    ("GET", "/docs/swagger-ui.js"): ("list", N, ""),
    ("GET", "/docs/swagger-ui.css"): ("list", N, ""),
    ("GET", "/openapi.json"): ("list", N, ""),
    ("GET", "/v1/notebooks"): ("list", N, ""),
    ("GET", "/v1/notebooks/{notebook_id:path}"): ("get", N, "notebook_id"),
    ("PUT", "/v1/notebooks/{notebook_id:path}"): ("update", N, "notebook_id"),
    ("DELETE", "/v1/notebooks/{notebook_id:path}"): ("delete", N, "notebook_id"),
    ("POST", "/v1/notebooks/{notebook_id:path}/warm/flush"): ("update", N, "notebook_id"),
    ("GET", "/v1/versions/{notebook_id:path}"): ("get", N, "notebook_id"),
    ("GET", "/v1/catalog"): ("list", N, ""),
    ("POST", "/v1/blobs"): ("create", N, ""),
    ("GET", "/v1/blobs/{digest}"): ("create", N, ""),
    ("POST", "/v1/notebooks/{notebook_id:path}/executions"): ("create", E, ""),
    ("GET", "/v1/notebooks/{notebook_id:path}/executions"): ("list", E, ""),
    ("GET", "/v1/executions"): ("list", E, ""),
    ("GET", "/v1/events"): ("list", E, ""),
    ("POST", "/v1/executions"): ("create", E, ""),
    ("GET", "/v1/executions/{execution_id}"): ("get", E, "execution_id"),
    ("GET", "/v1/executions/{execution_id}/events"): ("get", E, "execution_id"),
    # Whoever may read this has to be allowed to read the run as well.
    ("GET", "/v1/executions/{execution_id}/log"): ("get", "pods/log", ""),
    ("GET", "/v1/executions/{execution_id}/pod-events"): ("list", "events", ""),
    ("DELETE", "/v1/executions/{execution_id}"): ("delete", E, "execution_id"),
    ("POST", "/v1/executions/{execution_id}/cancel"): ("update", E, "execution_id"),
    # Who reruns has to be allowed to read the former run as well; that is asked with the body.
    ("POST", "/v1/executions/{execution_id}/rerun"): ("create", E, ""),
    ("POST", "/v1/executions/{execution_id}/keep"): ("update", E, "execution_id"),
    ("DELETE", "/v1/executions/{execution_id}/keep"): ("update", E, "execution_id"),
    ("GET", "/v1/executions/{execution_id}/artifacts/{name:path}"): ("get", E, "execution_id"),
    ("POST", "/api/NotebookExecutions"): ("create", E, ""),
    ("GET", "/api/NotebookExecutions"): ("get", E, "executionId"),
    ("GET", "/api/notebooks"): ("list", N, ""),
    ("GET", "/api/notebooks/{notebook_id:path}"): ("get", N, "notebook_id"),
    ("POST", "/api/notebooks/{notebook_id:path}/execute"): ("create", E, ""),
    ("GET", "/api/notebook_executions/{execution_id}"): ("get", E, "execution_id"),
    ("GET", "/api/notebook_executions/{execution_id}/artifacts/{name}"): (
        *("get", E),
        "execution_id",
    ),
    ("POST", "/noteburst/v1/notebooks"): ("create", E, ""),
    ("POST", "/noteburst/v1/notebooks/"): ("create", E, ""),
    ("GET", "/noteburst/v1/notebooks/{job_id}"): ("get", E, "job_id"),
}
