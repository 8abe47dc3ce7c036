"""What Prometheus is told of the API."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from podbook_api.http.observed_requests import OTHER, Measured
from podbook_api.state.execution_index import ExecutionIndex
from podbook_crds.ends.phases import Phase
from podbook_crds.protocol import intake
from podbook_kube.reflector import Reflector

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_INTAKE: Final = (
    intake.CLAIM_PATH,
    intake.BLOBS_PATH,
    intake.ARTIFACTS_PATH,
    intake.PROGRESS_PATH,
    intake.EVENTS_PATH,
    intake.RESULT_PATH,
)


class Metrics:
    """The API's metrics, in a registry of their own."""

    def __init__(self, index: ExecutionIndex, caches: Iterable[Reflector]) -> None:
        self._registry = CollectorRegistry()
        labels = ["route", "method"]
        self._requests = Counter(
            "podbook_api_requests",
            "Requests of users and runners; status 0: no answer was sent.",
            [*labels, "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "podbook_api_request_seconds",
            "From a request's head to the end of its answer; a ?wait= counts in full.",
            labels,
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._calls = Counter(
            "podbook_api_grpc_calls",
            "Calls of jupyrest's gRPC; code is the answer's own, such as OK, or gRPC's.",
            ["code"],
            registry=self._registry,
        )
        self._call_seconds = Histogram(
            "podbook_api_grpc_call_seconds",
            "From a call to its answer, the run in between included.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_Known(index, tuple(caches)))
        ProcessCollector(registry=self._registry)

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route, method).observe(seconds)

    def observe_call(self, code: str, seconds: float) -> None:
        """Count a call of gRPC."""
        self._calls.labels(code).inc()
        self._call_seconds.observe(seconds)

    def of_intake(self, application: ASGIApp) -> ASGIApp:
        """Return the intake with its requests counted."""
        return Measured(application, self.observe, route_of=_intake_route)

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def application(self) -> Starlette:
        """Return what answers Prometheus: GET /metrics, and nothing else."""

        async def metrics(_: Request) -> Response:
            return Response(self.exposition(), headers={"Content-Type": _TYPE})

        return Starlette(routes=[Route("/metrics", metrics)])


def _intake_route(scope: Any) -> str:
    """Return which of the intake's routes a request is for."""
    return next((path for path in _INTAKE if scope["path"].startswith(path)), OTHER)


class _Known(Collector):
    """What is known of the cluster, and how well it is followed; read when it is asked for."""

    def __init__(self, index: ExecutionIndex, caches: tuple[Reflector, ...]) -> None:
        self._index = index
        self._caches = caches

    def collect(self) -> Iterator[Any]:
        """Yield the families."""
        phases = GaugeMetricFamily(
            "podbook_api_executions",
            "Executions that the API knows; the queue is phase Queued.",
            labels=["phase"],
        )
        for phase in Phase:
            phases.add_metric([phase.value], self._index.count(phase))
        yield phases
        lists = CounterMetricFamily(
            "podbook_api_cache_lists",
            "Lists from scratch, the first included: later ones are watches that were too old.",
            labels=["of"],
        )
        failures = CounterMetricFamily(
            "podbook_api_cache_failures", "Lists and watches that failed.", labels=["of"]
        )
        lag = SummaryMetricFamily(
            "podbook_api_cache_lag_seconds",
            "How long reads waited for the watch to catch up.",
            labels=["of"],
        )
        for cache in self._caches:
            account = cache.account
            lists.add_metric([cache.plural], account.lists)
            failures.add_metric([cache.plural], account.failures)
            lag.add_metric([cache.plural], account.waits, account.waited_seconds)
        yield from (lists, failures, lag)
