"""Answers LIST: a consistent snapshot, page by page."""

import base64
from http import HTTPStatus

import orjson

from podbook_cluster.apiserver.read.object_selectors import parse
from podbook_cluster.apiserver.serve.requests import Request
from podbook_cluster.apiserver.storage.records import Key, Object, Record
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.terms.calls import Call
from podbook_cluster.apiserver.terms.errors import ApiError, bad_request, invalid_option


def list_page(store: Store, request: Request, call: Call) -> tuple[list[Record], Object]:
    """Return the records of one page, and the list's metadata.

    Raises:
        ApiError: 410 where a continue token is older than the history, 504 where a
            resourceVersion lies in the future, 400 for malformed options.

    """
    query = request.query
    selector = parse(call.resource, query.get("labelSelector", ""), query.get("fieldSelector", ""))
    check_match(request)
    revision, after = _start(store, request)
    records = store.scan_at(call.resource, call.namespace, revision)
    if not selector.is_empty:
        records = [item for item in records if selector.matches(item.labels, item.fields)]
    if after is not None:
        records = [item for item in records if item.key > after]
    metadata: Object = {"resourceVersion": str(revision)}
    limit = request.integer("limit")
    if limit and len(records) > limit:
        metadata["continue"] = _token(revision, records[limit - 1].key)
        if selector.is_empty:
            metadata["remainingItemCount"] = len(records) - limit
        records = records[:limit]
    return records, metadata


def check_match(request: Request) -> None:
    """Raise an ApiError (422) where resourceVersionMatch does not go with the other options."""
    match = request.query.get("resourceVersionMatch", "")
    problem = ""
    if match not in ("", "Exact", "NotOlderThan"):
        problem = f'Unsupported value: "{match}": supported values: "Exact", "NotOlderThan", ""'
    elif match and "resourceVersion" not in request.query and not request.is_watch:
        problem = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
    elif request.flag("sendInitialEvents") and match != "NotOlderThan":
        problem = (
            "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        )
    if problem:
        raise invalid_option("ListOptions", "resourceVersionMatch", problem)


def _start(store: Store, request: Request) -> tuple[int, Key | None]:
    if request.query.get("continue"):
        return _read_token(request.query["continue"])
    asked = request.integer("resourceVersion")
    if asked > store.committed:
        raise ApiError(
            HTTPStatus.GATEWAY_TIMEOUT,
            "Timeout",
            f"Timeout: Too large resource version: {asked}, current: {store.committed}",
            details={
                "causes": [
                    {
                        "reason": "ResourceVersionTooLarge",
                        "message": "Too large resource version",
                    }
                ]
            },
            retry_after=1,
        )
    if request.query.get("resourceVersionMatch") == "Exact" and asked:
        return asked, None
    return max(store.compacted, store.committed - request.behind), None


def _token(revision: int, key: Key) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([revision, *key])).rstrip(b"=").decode()


def _read_token(text: str) -> tuple[int, Key]:
    try:
        revision, namespace, name = orjson.loads(
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        )
        return int(revision), (str(namespace), str(name))
    except (TypeError, ValueError) as error:
        raise bad_request("continue key is not valid") from error
