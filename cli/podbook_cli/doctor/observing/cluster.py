"""Looks at the cluster with the account that a kubeconfig names."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from podbook_cli.doctor.observing import definitions, kernels, pods
from podbook_cli.doctor.observing.clocks import ahead
from podbook_cli.doctor.seen import SeenCluster, SeenDefinition, SeenLease, SeenPart
from podbook_crds import names
from podbook_crds.errors import ClusterUnavailable, Refused
from podbook_kube.client import Client, pages
from podbook_kube.connection import Connection, connect
from podbook_operator.config import OperatorConfig

_OWN: Final = "app.kubernetes.io/name=podbook"
_SECONDS: Final = 10.0
_LEASE_SECONDS: Final = 15
_POLICIES: Final = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
_DEFINITIONS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
# What running notebooks takes, as commands ask for it.
_NEEDED: Final = (
    ("list", names.NOTEBOOK_PLURAL),
    ("execute", names.NOTEBOOK_PLURAL),
    *((verb, names.EXECUTION_PLURAL) for verb in ("create", "get", "list", "update", "delete")),
)


@dataclass(frozen=True, slots=True)
class Access:
    """The way to a cluster, and where Podbook is in it."""

    kubeconfig: Path
    context: str | None
    # Of the release; a laptop's has one namespace for all.
    namespace: str
    # The operator's configuration on a laptop, whose cluster is the embedded one.
    config: Path | None = None

    @property
    def place(self) -> str:
        """Where it is, in words."""
        if self.config is not None:
            return "the embedded cluster"
        return f"kubeconfig {self.kubeconfig}, context {self.context or '(the current one)'}"


async def look(access: Access) -> SeenCluster:
    """Return what is seen; what goes wrong is part of it."""

    async def way() -> Connection:
        return await connect(access.kubeconfig, context=access.context)

    client = Client(way, agent="podbook-doctor", connections=4, seconds=_SECONDS)
    try:
        ahead_seconds = await _clock(await way())
        return await _Look(access, client, ahead_seconds).whole()
    except (ClusterUnavailable, Refused) as error:
        is_embedded = access.config is not None
        where = access.namespace
        return SeenCluster(access.place, where, where, is_embedded, error=str(error))
    finally:
        await client.close()


async def _clock(connection: Connection) -> float | None:
    authorization = await connection.authorization()
    headers = {} if authorization is None else {"Authorization": authorization}
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            asked = datetime.now(UTC)
            url, tls = f"{connection.url}/version", connection.tls
            async with session.get(url, headers=headers, ssl=tls) as answer:
                return ahead(answer.headers.get("Date"), asked, datetime.now(UTC))
    except (aiohttp.ClientError, ssl.SSLError, OSError, ValueError) as error:
        raise ClusterUnavailable(f"GET /version: {str(error) or repr(error)}") from error


@dataclass
class _Look:
    access: Access
    client: Client
    ahead_seconds: float | None
    unseen: dict[str, str] = field(default_factory=dict)

    async def whole(self) -> SeenCluster:
        """Return everything; what the account may not see is named."""
        is_embedded, where = self.access.config is not None, self.access.namespace
        deployments = [] if is_embedded else await self._list("parts", self._at("apps/v1", where))
        told = {d["metadata"]["labels"].get(pods.COMPONENT): d for d in deployments}
        runs = where
        if "api" in told:
            runs = pods.environment_of(told["api"]).get("PODBOOK_NAMESPACE") or where
        return SeenCluster(
            self.access.place,
            where,
            runs,
            is_embedded,
            ahead_seconds=self.ahead_seconds,
            definitions=await self._definitions(),
            lacking_policies=await self._policies(),
            lacking_rights=await self._rights(runs),
            parts=() if is_embedded else await self._parts(deployments),
            lease=None if is_embedded else await self._lease(told.get("operator")),
            pods=tuple(pods.waiting(*await self._run_pods(runs))),
            quotas=() if is_embedded else tuple(pods.exhausted(await self._quotas(runs))),
            unbound_claims=() if is_embedded else await self._claims(),
            kernels=tuple(await self._kernels(runs, told.get("operator"))),
            unseen=self.unseen,
        )

    def _at(self, group: str, namespace: str, plural: str = "deployments") -> str:
        root = "api" if group == "v1" else "apis"
        return f"/{root}/{group}/namespaces/{namespace}/{plural}"

    async def _list(
        self, what: str, path: str, selector: str = _OWN, **only: str
    ) -> list[dict[str, Any]]:
        try:
            found = pages(self.client.ask, path, labelSelector=selector, **only)
            return [each async for page in found for each in page.get("items") or ()]
        except Refused as refused:
            self.unseen[what] = str(refused)
            return []

    async def _get(self, what: str, path: str) -> dict[str, Any] | None:
        try:
            return await self.client.ask("GET", path)
        except Refused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                self.unseen[what] = str(refused)
            return None

    async def _definitions(self) -> tuple[SeenDefinition, ...]:
        found = []
        for each in definitions.shipped():
            there = await self._get("definitions", f"{_DEFINITIONS}/{each['metadata']['name']}")
            found.append(definitions.compared(each, there))
        return tuple(found)

    async def _policies(self) -> tuple[str, ...]:
        asked = definitions.POLICIES
        found = [(name, await self._get("policies", f"{_POLICIES}/{name}")) for name in asked]
        if "policies" in self.unseen:
            return ()
        return tuple(name for name, there in found if there is None)

    async def _rights(self, namespace: str) -> tuple[str, ...]:
        lacking = []
        for verb, plural in _NEEDED:
            asked = {"namespace": namespace, "verb": verb, "group": names.GROUP, "resource": plural}
            body = {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SelfSubjectAccessReview",
                "spec": {"resourceAttributes": asked},
            }
            path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
            answer = await self.client.ask("POST", path, body=body)
            if not answer["status"].get("allowed"):
                lacking.append(f"{verb} {plural}")
        return tuple(lacking)

    async def _parts(self, deployments: list[dict[str, Any]]) -> tuple[SeenPart, ...]:
        own = await self._list("parts", self._at("v1", self.access.namespace, "pods"))
        return tuple(pods.part(each, own) for each in deployments)

    async def _lease(self, operator: Mapping[str, Any] | None) -> SeenLease | None:
        if operator is None:
            return None
        name = pods.environment_of(operator).get("PODBOOK_LEASE") or operator["metadata"]["name"]
        path = self._at("coordination.k8s.io/v1", self.access.namespace, f"leases/{name}")
        found = await self._get("lease", path)
        if found is None:
            return None
        spec, age = found["spec"], None
        if renewed := spec.get("renewTime"):
            now = datetime.now(UTC) + timedelta(seconds=self.ahead_seconds or 0)
            age = (now - datetime.fromisoformat(renewed)).total_seconds()
        duration = spec.get("leaseDurationSeconds", _LEASE_SECONDS)
        return SeenLease(name, spec.get("holderIdentity") or "", age, duration)

    async def _run_pods(self, runs: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the pods that have not started, and what went wrong with any."""
        found = await self._list("pods", self._at("v1", runs, "pods"), names.EXECUTION_LABEL)
        pending = [pod for pod in found if (pod.get("status") or {}).get("phase") == "Pending"]
        if not pending:
            return [], []
        path = self._at("v1", runs, "events")
        return pending, await self._list("events", path, "", fieldSelector="type=Warning")

    async def _quotas(self, runs: str) -> list[dict[str, Any]]:
        return await self._list("quota", self._at("v1", runs, "resourcequotas"), "")

    async def _claims(self) -> tuple[tuple[str, str], ...]:
        path = self._at("v1", self.access.namespace, "persistentvolumeclaims")
        found = [
            (claim["metadata"]["name"], (claim.get("status") or {}).get("phase", "Pending"))
            for claim in await self._list("store", path)
        ]
        return tuple((name, phase) for name, phase in found if phase != "Bound")

    async def _kernels(self, runs: str, operator: Mapping[str, Any] | None) -> list[Any]:
        path = self._at(names.API_VERSION, runs, names.NOTEBOOK_PLURAL)
        found = await self._list("kernels", path, "")
        config = await self._config(operator)
        if config is None:
            return []
        return [*kernels.seen(found, config, is_here=self.access.config is not None)]

    async def _config(self, operator: Mapping[str, Any] | None) -> OperatorConfig | None:
        """Return what the operator is configured by; None where that cannot be read."""
        text = ""
        if self.access.config is not None:
            text = self.access.config.read_text() if self.access.config.is_file() else ""
        elif operator is not None:
            name = operator["metadata"]["name"]
            path = self._at("v1", self.access.namespace, f"configmaps/{name}")
            found = await self._get("kernels", path)
            text = ((found or {}).get("data") or {}).get("operator.yaml", "")
        try:
            return OperatorConfig.model_validate(yaml.safe_load(text) or {})
        except (ValueError, yaml.YAMLError):
            return None
