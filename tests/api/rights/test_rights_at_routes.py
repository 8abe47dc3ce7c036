"""Every route asks for its own right, however its path is spelled; none is without one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from podbook_api import app
from podbook_api.artifacts.store import Store
from podbook_api.auth import rights
from podbook_api.auth.authentication import Callers
from podbook_api.auth.guard import Guard
from podbook_api.auth.rbac import Access, User
from podbook_api.http.head_requests import Heads
from podbook_api.http.plain_paths import PlainPaths
from podbook_api.http.problems import Problem
from podbook_api.settings import Settings
from podbook_api.state.cluster import Cluster
from podbook_api.wiring import Services
from podbook_crds import names
from tests.support.needed_rights import ALSO_NEEDED, NEEDED, OPEN

Held = frozenset[Access]


def access(verb: str, resource: str, name: str = "") -> Access:
    """Return what is asked of the cluster; pods and events are none of Podbook's own."""
    group = "" if resource.startswith(("pods", "events")) else names.GROUP
    return Access(verb, resource, name, group)


KINDS = sorted({(right[0], right[1]) for right in NEEDED.values() if right and right[1]})
NAME = "one"
# Who has one right has it to everything, or to the one object alone.
HOLDERS = [
    Held(),
    *(Held({access(*kind)}) for kind in KINDS),
    *(Held({access(*kind, name=NAME)}) for kind in KINDS),
    Held(access(*kind) for kind in KINDS),
]
METHODS = ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH", "TRACE", "get", "PROPFIND")
CONTROLS = (
    *("%0A", "%0a", "%0D", "%00", "%7F", "%1b", "%09", "%C2%85", "%85", "%c2%9b"),
    *("%250A", "%25250a", "%2%350A", "%25%30A", "\n", "\x00", "%25c2%2585"),
)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda path: path,
    "a slash at the end": lambda path: f"{path}/",
    "two slashes": lambda path: path.replace("/", "//"),
    "two slashes at first": lambda path: f"/{path}",
    "a dot": lambda path: f"{path}/.",
    "up and down": lambda path: f"{path}/x/..",
    "a parameter": lambda path: f"{path};x",
    "large letters": str.upper,
    "small letters": str.lower,
    "a blank": lambda path: f"{path}%20",
    "an encoded slash": lambda path: path[0] + path[1:].replace("/", "%2F", 1),
    "encoded letters": lambda path: path.replace("e", "%65"),
    "a query that says more": lambda path: f"{path}?dryRun=true&wait=1&executionId={NAME}",
    "a single name in the query": lambda path: f"{path}?execution_id={NAME}&job_id={NAME}",
}


class Asked(Callers):
    """Lets in by a set of rights, and keeps what was asked."""

    def __init__(self) -> None:
        self.held, self.asked, self.known = Held(), list[Access](), False

    async def who(self, headers: Headers, forwarded: User | None = None) -> User:
        self.known = True
        return User("somebody")

    async def admit(self, user: User, access: Access) -> None:
        self.asked.append(access)
        if not self.held & {access, replace(access, name="")}:
            raise Problem(403, "forbidden", "no", f"{access} is not among {self.held}")


@dataclass
class Answer:
    status: int
    route: str
    parameters: dict[str, str]


class Site:
    """The whole application, where there is no cluster: what is let in comes to nothing."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(namespace="default")
        cluster, store = Cluster(folder / "none", "default"), Store.open(folder.as_uri())
        self.application = app.build(Services.build(settings, cluster, store))
        self.callers, self.routed = Asked(), dict[str, Any]()
        guard = Guard(
            self._noting(self.application),
            settings,
            self.callers,
            ready=_at_once,
            object_name=lambda _, name: name,
        )
        self._whole = PlainPaths(Heads(guard))

    def _noting(self, application: ASGIApp) -> ASGIApp:
        async def noting(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await application(scope, receive, send)
            finally:
                self.routed = dict(scope)

        return noting

    async def ask(self, method: str, target: str, held: Held) -> Answer:
        """Ask as the server would hand it on."""
        self.callers.held, self.callers.asked, self.callers.known, self.routed = held, [], False, {}
        raw, _, query = target.partition("?")
        scope = {
            **{"type": "http", "http_version": "1.1", "scheme": "http", "method": method},
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            **{"path": unquote(raw), "raw_path": raw.encode(), "root_path": ""},
            **{"query_string": query.encode(), "headers": [(b"host", b"localhost")]},
        }
        statuses = []
        # The caller hangs up behind its request: an answer that goes on ends with that.
        said = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive() -> Message:
            return next(said, {"type": "http.disconnect"})

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await self._whole(scope, receive, send)
        route = getattr(self.routed.get("route"), "path", "")
        return Answer(statuses[0], route, dict(self.routed.get("path_params") or {}))


async def _at_once() -> None:
    return


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


def declared(site: Site) -> Iterator[tuple[str, str]]:
    for route in iter_route_contexts(site.application.routes):
        yield from ((method, str(route.path)) for method in sorted(route.methods or ()))


def example(template: str) -> str:
    """Return a path that leads to the route."""
    path = template
    for parameter in (
        "notebook_id:path",
        "execution_id",
        "job_id",
        "digest",
        "name:path",
        "name",
        "path:path",
    ):
        path = path.replace(f"{{{parameter}}}", NAME).replace("{path:path}", NAME)
    return path


def test_every_route_is_in_the_table_and_nothing_else_is(site: Site) -> None:
    assert set(declared(site)) == set(NEEDED)


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_whichever_route_answers_its_right_was_asked(site: Site, spelling: str) -> None:
    targets = {SPELLINGS[spelling](example(template)) for _, template in NEEDED}
    answered = set()
    for target in sorted(targets):
        for method in METHODS:
            answer = await site.ask(method, target, HOLDERS[-1])
            if answer.status == 405 or not answer.route:
                assert (answer.status in (404, 405), site.callers.asked) == (True, []), answer
                continue
            key = ("GET" if method == "HEAD" else method, answer.route)
            answered.add(key)
            for held in HOLDERS:
                await _check(site, method, target, held, key)
    if spelling == "as it is":
        assert answered == set(NEEDED)


async def _check(site: Site, method: str, target: str, held: Held, key: tuple[str, str]) -> None:
    needed = NEEDED[key]
    answer = await site.ask(method, target, held)
    shown = (method, target, held, answer)
    if needed is OPEN:
        # An asset that does not exist is nobody's secret either.
        fine = (200, 404, 503) if answer.route.endswith("/{name}") else (200, 503)
        assert (answer.status in fine, site.callers.asked) == (True, []), shown
        return
    if needed == ("know", "", ""):
        # Whoever is known is refused what a query says that the route does not know, and a body
        # without a message.
        refused = answer.status == 400 and ("?" in target or method == "POST")
        assert (answer.status == 200 or refused, site.callers.known) == (True, True), shown
        return
    # What a query says that the route does not know is refused before more is asked.
    more = [ALSO_NEEDED[key]] if key in ALSO_NEEDED and answer.status != 400 else []
    rows = [needed, *more]
    wanted = [access(*row[:2], name=_named(row[2], answer, target)) for row in rows]
    has = [bool(held & {one, replace(one, name="")}) for one in wanted]
    until = has.index(False) + 1 if False in has else len(has)
    assert site.callers.asked == wanted[:until], shown
    assert (answer.status != 403) == all(has), shown


def _named(parameter: str, answer: Answer, target: str) -> str:
    if parameter == "executionId":
        return NAME if "executionId=" in target else ""
    return answer.parameters[parameter] if parameter else ""


@pytest.mark.parametrize("control", CONTROLS)
async def test_a_path_with_a_control_character_is_refused_before_anything_else(
    site: Site, control: str
) -> None:
    for (method, template), held in ((key, HOLDERS[-1]) for key in NEEDED):
        path = example(template)
        for target in (f"{path}{control}", f"{path}{control}/", f"/{control}{path[1:]}"):
            answer = await site.ask(method, target, held)

            assert (answer.status, answer.route) == (400, ""), target
            assert site.callers.asked == [], target


@pytest.mark.parametrize("name", ["100%25", "a%20b", "%C3%A9", "%E2%82%AC", "50%2520off", "%ff"])
async def test_other_characters_are_no_fault(site: Site, name: str) -> None:
    for prefix in ("/v1/executions/", "/v1/notebooks/", "/v1/executions/one/artifacts/"):
        assert (await site.ask("GET", f"{prefix}{name}", HOLDERS[-1])).status in (404, 503)


def _routes(*routes: Any) -> APIRouter:
    router = APIRouter()
    router.routes.extend(routes)
    return router


async def _bare() -> None:
    return


def _with(*dependencies: Any) -> APIRouter:
    router = APIRouter()
    router.add_api_route("/naked/{x}", _bare, dependencies=list(dependencies))
    return router


@pytest.mark.parametrize(
    "router",
    [
        pytest.param(_with(), id="none"),
        pytest.param(_with(rights.RUN, rights.OPEN), id="two"),
        pytest.param(_with(rights.READ_EXECUTION), id="of a name that the path does not hold"),
        pytest.param(_routes(Route("/naked/x", PlainTextResponse("x"))), id="a route of Starlette"),
        pytest.param(_routes(Mount("/naked", PlainTextResponse("x"))), id="a mounted application"),
    ],
)
def test_no_api_starts_with_a_route_whose_right_is_unclear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, router: APIRouter
) -> None:
    added = ModuleType("added")
    monkeypatch.setattr(added, "routes", router, raising=False)
    monkeypatch.setattr(app, "_OLDER", (added,))

    with pytest.raises(rights.NoRight, match="/naked"):
        Site(tmp_path)
