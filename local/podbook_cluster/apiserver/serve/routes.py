"""Leads each request to what answers it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from aiohttp import web

from podbook_cluster.apiserver.access.rbac import Access, Attributes
from podbook_cluster.apiserver.access.reviews import Reviews
from podbook_cluster.apiserver.read import representations
from podbook_cluster.apiserver.read.lists import list_page
from podbook_cluster.apiserver.read.logs import Logs
from podbook_cluster.apiserver.read.object_selectors import parse
from podbook_cluster.apiserver.read.streams import Streams
from podbook_cluster.apiserver.serve import discovery, openapi
from podbook_cluster.apiserver.serve.requests import Request
from podbook_cluster.apiserver.serve.served_resources import Catalog
from podbook_cluster.apiserver.storage.records import Object, Record
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.terms import errors, locations
from podbook_cluster.apiserver.terms.calls import Call
from podbook_cluster.apiserver.terms.go_json import encode
from podbook_cluster.apiserver.terms.locations import Location
from podbook_cluster.apiserver.write import patches, pods
from podbook_cluster.apiserver.write.objects import Objects

_VERBS = {
    "POST": "create",
    "PUT": "update",
    "PATCH": "patch",
}


@dataclass(frozen=True, slots=True)
class Routes:
    """Everything that can be asked of the server, for callers that are known."""

    catalog: Catalog
    store: Store
    objects: Objects
    access: Access
    reviews: Reviews
    streams: Streams
    logs: Logs

    async def answer(self, request: Request) -> web.StreamResponse:
        """Return the answer; ApiError where the request is refused."""
        segments = request.segments
        if segments[0] in ("api", "apis"):
            _, _, rest = locations.group_version(segments)
            if rest:
                return await self._resource(request, locations.locate(self.catalog, segments))
        self._authorise_path(request)
        if request.method != "GET":
            raise errors.method_not_allowed(f"{request.method} {request.path}")
        if segments == ["openapi", "v2"]:
            return web.Response(body=openapi.old_document(), content_type=openapi.OLD_FORM)
        return _json(self._document(segments))

    def _document(self, segments: list[str]) -> Object:
        match segments:
            case ["version"]:
                answer = dict(discovery.VERSION)
            case ["openapi", "v3"]:
                answer = openapi.index(self.catalog)
            case ["openapi", "v3", *path]:
                answer = openapi.document(self.catalog, "/".join(path))
            case _:
                answer = discovery.document(self.catalog, segments)
        return answer

    async def _resource(self, request: Request, location: Location) -> web.StreamResponse:
        verb = verb_of(request, location)
        self._authorise(request, location, verb)
        special: dict[str, Callable[[Request, Call], Awaitable[web.StreamResponse]]] = {
            "log": self._log,
            "token": self._token,
            "binding": self._bind,
            "finalize": self._finalize,
        }
        call = request.call(location)
        if location.subresource in special:
            return await special[location.subresource](request, call)
        if verb not in location.resource.verbs:
            raise errors.method_not_allowed(f"{verb} on {location.resource.qualified}")
        if not location.resource.is_stored:
            answer = self.reviews.answer(call, await request.body())
            return _json(answer, status=HTTPStatus.CREATED)
        answers = {
            "get": self._get,
            "list": self._list,
            "watch": self.streams.watch,
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_collection,
        }
        return await answers[verb](request, call)

    async def _get(self, request: Request, call: Call) -> web.StreamResponse:
        moment = max(self.store.compacted, self.store.committed - request.behind)
        record = self.store.get_at(call.resource, call.key, moment)
        if record is None:
            raise errors.not_found(call.resource, call.name)
        return self._object(request, call, record)

    async def _list(self, request: Request, call: Call) -> web.StreamResponse:
        form = representations.choose(
            call.resource, request.accept, request.query.get("includeObject", "")
        )
        records, metadata = list_page(self.store, request, call)
        return _body(form.of_list(records, metadata))

    async def _create(self, request: Request, call: Call) -> web.StreamResponse:
        if call.name:
            raise errors.method_not_allowed("POST on an object")
        record = self.objects.create(call, await request.body())
        return await self._written(request, call, record, HTTPStatus.CREATED)

    async def _update(self, request: Request, call: Call) -> web.StreamResponse:
        existed = self.store.get(call.resource, call.key) is not None
        record = self.objects.replace(call, await request.body())
        status = HTTPStatus.OK if existed else HTTPStatus.CREATED
        return await self._written(request, call, record, status)

    async def _patch(self, request: Request, call: Call) -> web.StreamResponse:
        patches.check_options(request.media_type, request.query)
        record, created = self.objects.patch(call, request.media_type, await request.body())
        status = HTTPStatus.CREATED if created else HTTPStatus.OK
        return await self._written(request, call, record, status)

    async def _delete(self, request: Request, call: Call) -> web.StreamResponse:
        options = await request.delete_options()
        call = replace(call, dry_run=call.dry_run or options.dry_run)
        deletion = self.objects.delete(call, options)
        await self.store.durable(self.store.revision)
        if not deletion.gone or call.resource.returns_deleted:
            return self._object(request, call, deletion.record)
        return _json(_success(call, deletion.record))

    async def _delete_collection(self, request: Request, call: Call) -> web.StreamResponse:
        options = await request.delete_options()
        call = replace(call, dry_run=call.dry_run or options.dry_run)
        query = request.query
        selector = parse(
            call.resource, query.get("labelSelector", ""), query.get("fieldSelector", "")
        )
        deleted = []
        for record in self.store.scan(call.resource, call.namespace):
            if selector.matches(record.labels, record.fields):
                one = replace(call, namespace=record.namespace, name=record.name)
                deleted.append(self.objects.delete(one, options).record)
        await self.store.durable(self.store.revision)
        form = representations.choose(call.resource, request.accept, "")
        return _body(form.of_list(deleted, {"resourceVersion": str(self.store.committed)}))

    async def _log(self, request: Request, call: Call) -> web.StreamResponse:
        if request.method != "GET":
            raise errors.method_not_allowed("only GET on a log")
        return await self.logs.answer(request, self.objects.get(call))

    async def _token(self, request: Request, call: Call) -> web.StreamResponse:
        if request.method != "POST":
            raise errors.method_not_allowed("only POST for a token")
        answer = self.reviews.request_token(call, await request.body())
        return _json(answer, status=HTTPStatus.CREATED)

    async def _bind(self, request: Request, call: Call) -> web.StreamResponse:
        if request.method != "POST":
            raise errors.method_not_allowed("only POST for a binding")
        body = await request.body()
        node = str(((body or {}).get("target") or {}).get("name") or "")

        def bind(pod: Object) -> Object:
            if pod["spec"].get("nodeName"):
                raise errors.conflict(
                    call.resource,
                    call.name,
                    f'pod {call.name} is already assigned to node "{pod["spec"]["nodeName"]}"',
                )
            pods.bind(pod, node)
            return pod

        self.objects.edit(call, bind)
        await self.store.durable(self.store.revision)
        return _json(
            {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Success",
                "code": HTTPStatus.CREATED,
            },
            status=HTTPStatus.CREATED,
        )

    async def _finalize(self, request: Request, call: Call) -> web.StreamResponse:
        record = self.objects.replace(call, await request.body())
        return await self._written(request, call, record, HTTPStatus.OK)

    async def _written(
        self, request: Request, call: Call, record: Record, status: HTTPStatus
    ) -> web.StreamResponse:
        await self.store.durable(record.revision)
        return self._object(request, call, record, status)

    def _object(
        self, request: Request, call: Call, record: Record, status: HTTPStatus = HTTPStatus.OK
    ) -> web.Response:
        form = representations.choose(
            call.resource, request.accept, request.query.get("includeObject", "")
        )
        response = _body(form.of_object(record), status=status)
        for text in call.warnings:
            response.headers.add("Warning", representations.warning(text))
        return response

    def _authorise_path(self, request: Request) -> None:
        wanted = Attributes(request.method.lower(), path=request.path)
        if not self.access.allows(request.user, wanted):
            raise errors.ApiError(
                HTTPStatus.FORBIDDEN,
                "Forbidden",
                f'forbidden: User "{request.user.name}" cannot {wanted.verb} path "{wanted.path}"',
            )

    def _authorise(self, request: Request, location: Location, verb: str) -> None:
        resource = location.resource
        wanted = Attributes(
            verb,
            resource.group,
            resource.plural,
            location.subresource,
            location.namespace,
            location.name,
        )
        if self.access.allows(request.user, wanted):
            return
        path = resource.plural + (f"/{location.subresource}" if location.subresource else "")
        where = f' in the namespace "{location.namespace}"' if location.namespace else ""
        raise errors.forbidden(
            resource,
            location.name,
            f'User "{request.user.name}" cannot {verb} resource "{path}" in API group'
            f' "{resource.group}"{where or " at the cluster scope"}',
        )


def verb_of(request: Request, location: Location) -> str:
    """Return Kubernetes' verb of a request."""
    if request.method == "GET":
        if request.is_watch:
            return "watch"
        return "get" if location.name else "list"
    if request.method == "DELETE":
        return "delete" if location.name else "deletecollection"
    has_name = request.method == "POST" or bool(location.name)
    if request.method not in _VERBS or not has_name:
        raise errors.method_not_allowed(request.method)
    return _VERBS[request.method]


def _success(call: Call, record: Record) -> Object:
    group = {"group": call.resource.group} if call.resource.group else {}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {
            "name": call.name,
            **group,
            "kind": call.resource.plural,
            "uid": record.uid,
        },
    }


def _json(value: Any, *, status: int = HTTPStatus.OK) -> web.Response:
    return _body(encode(value), status=status)


def _body(data: bytes, *, status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(body=data, status=status, content_type="application/json")
