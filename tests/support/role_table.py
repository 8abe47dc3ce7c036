"""Which role is answered which call: the one table of roles, routes and answers."""

from podbook_crds import names

N, E = names.NOTEBOOK_PLURAL, names.EXECUTION_PLURAL
MINE, OTHER = "mine", "other"
ID = "team/book"
Rules = list[tuple[list[str], str, list[str]]]
# Account -> its rules: verbs, resource, and the single objects they are about.
ROLES: dict[str, Rules] = {
    "nothing": [],
    "lists-notebooks": [(["list"], N, [])],
    "reads-notebooks": [(["get"], N, [])],
    "reads-one-notebook": [(["get"], N, ["book"])],
    "lists": [(["list"], E, [])],
    "reads": [(["get"], E, [])],
    "makes-executions": [(["create"], E, [])],
    "executes": [(["execute"], N, [])],
    "runs": [(["create"], E, []), (["execute"], N, [])],
    "runs-one": [(["create"], E, []), (["execute"], N, ["book"])],
    "runs-another": [(["create"], E, []), (["execute"], N, ["rest"])],
    "cancels": [(["update"], E, [])],
    "deletes": [(["delete"], E, [])],
    "reads-one": [(["get"], E, [MINE])],
    "lists-one": [(["list"], E, [MINE])],
    "cancels-one": [(["update"], E, [MINE])],
    "deletes-one": [(["delete"], E, [MINE])],
    "changes-notebooks": [(["update"], N, [])],
    "changes-one-notebook": [(["update"], N, ["book"])],
    "makes-notebooks": [(["create"], N, [])],
    "makes-and-changes": [(["create", "update"], N, [])],
    "takes-notebooks-away": [(["delete"], N, [])],
    "does-everything": [(["*"], N, []), (["*"], E, [])],
}
ONE = f"/v1/executions/{MINE}"
ANOTHER = f"/v1/executions/{OTHER}"
# Each call, and whom it is answered besides who may do everything; to all others it is 403.
CALLS: dict[tuple[str, str], set[str]] = {
    ("GET", "/docs"): {"lists-notebooks"},
    ("GET", "/openapi.json"): {"lists-notebooks"},
    ("HEAD", "/v1/notebooks"): {"lists-notebooks"},
    ("GET", "/v1/notebooks"): {"lists-notebooks"},
    ("GET", "/api/notebooks"): {"lists-notebooks"},
    ("GET", f"/v1/notebooks/{ID}"): {"reads-notebooks", "reads-one-notebook"},
    ("GET", f"/api/notebooks/{ID}"): {"reads-notebooks", "reads-one-notebook"},
    ("GET", "/v1/notebooks/rest"): {"reads-notebooks"},
    ("GET", "/v1/notebooks/no-such"): {"reads-notebooks"},
    ("GET", "/v1/executions"): {"lists"},
    ("GET", f"/v1/executions?notebook=x&limit=1&name={MINE}"): {"lists"},
    ("GET", ONE): {"reads", "reads-one"},
    ("HEAD", ONE): {"reads", "reads-one"},
    ("GET", f"{ONE}?wait=0.1"): {"reads", "reads-one"},
    ("GET", f"{ONE}/artifacts/notebook.ipynb"): {"reads", "reads-one"},
    ("GET", f"/api/NotebookExecutions?executionId={MINE}"): {"reads", "reads-one"},
    ("GET", f"/api/NotebookExecutions?executionId={MINE}&executionId={OTHER}"): {"reads"},
    ("GET", f"/api/notebook_executions/{MINE}"): {"reads", "reads-one"},
    ("GET", f"/api/notebook_executions/{MINE}/artifacts/ipynb"): {"reads", "reads-one"},
    ("GET", f"/noteburst/v1/notebooks/{MINE}"): {"reads", "reads-one"},
    ("GET", ANOTHER): {"reads"},
    ("GET", f"{ANOTHER}?execution_id={MINE}&name={MINE}"): {"reads"},
    ("GET", f"{ANOTHER}/artifacts/notebook.ipynb"): {"reads"},
    ("GET", f"/api/NotebookExecutions?executionId={OTHER}"): {"reads"},
    ("GET", f"/api/notebook_executions/{OTHER}"): {"reads"},
    ("GET", f"/noteburst/v1/notebooks/{OTHER}"): {"reads"},
    ("POST", f"{ONE}/tickets"): {"reads", "reads-one"},
    ("POST", f"{ANOTHER}/tickets"): {"reads"},
    ("POST", "/v1/executions"): {"runs"},
    ("POST", "/v1/executions?dryRun=true"): {"runs"},
    ("POST", f"/v1/notebooks/{ID}/executions"): {"runs", "runs-one"},
    ("POST", f"/v1/notebooks/{ID}/executions?dryRun=true"): {"runs", "runs-one"},
    ("POST", "/v1/notebooks/no-such/executions"): {"runs"},
    ("POST", "/api/NotebookExecutions"): {"runs"},
    ("POST", f"/api/notebooks/{ID}/execute"): {"runs", "runs-one"},
    ("POST", "/noteburst/v1/notebooks/"): {"runs"},
    ("POST", "/noteburst/v1/notebooks"): {"runs"},
    ("POST", f"{ONE}/cancel"): {"cancels", "cancels-one"},
    ("POST", f"{ANOTHER}/cancel"): {"cancels"},
    ("DELETE", "/v1/executions/there-is-none"): {"deletes"},
    ("DELETE", ANOTHER): {"deletes"},
    ("DELETE", ONE): {"deletes", "deletes-one"},
}
# The same of what writes the catalog; which bodies it takes is not the question here.
WRITES: dict[tuple[str, str], set[str]] = {
    ("PUT", f"/v1/notebooks/{ID}"): {
        *("changes-notebooks", "makes-and-changes"),
        "changes-one-notebook",
    },
    ("PUT", "/v1/notebooks/rest"): {"changes-notebooks", "makes-and-changes"},
    ("DELETE", f"/v1/notebooks/{ID}?catalog=x"): {"takes-notebooks-away"},
    ("POST", "/v1/blobs"): {"makes-notebooks", "makes-and-changes"},
    ("GET", f"/v1/blobs/sha256:{64 * '0'}"): {"makes-notebooks", "makes-and-changes"},
    ("GET", f"/v1/versions/{ID}"): {"reads-notebooks", "reads-one-notebook"},
}
