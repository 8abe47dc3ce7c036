"""What is wrong with the cluster behind the server."""

from collections.abc import Iterator
from typing import Final

from podbook_cli.doctor.findings import Finding
from podbook_cli.doctor.rules.server import clock
from podbook_cli.doctor.seen import SeenCluster, SeenDefinition, SeenPart

_NAMED: Final = 10
_OPERATOR: Final = "operator"
_UPGRADE: Final = "helm upgrade --install podbook charts/podbook --set crds.install=true"
_RESTART: Final = "stop `podbook up` and start it again"


def findings(seen: SeenCluster, *, version: str) -> Iterator[Finding]:
    """Yield them; version is this command line's."""
    if seen.error:
        cure = _RESTART if seen.is_embedded else "kubectl cluster-info"
        yield Finding.wrong("cluster", f"{seen.place}: {seen.error}", cure)
        return
    yield Finding.good("cluster", f"{seen.place} answers")
    for what, why in seen.unseen.items():
        yield Finding.unseen(what, f"not looked at: {why}", "ask with an account that may see it")
    if seen.ahead_seconds is not None:
        yield clock("cluster's", seen.ahead_seconds)
    yield from _definitions(seen)
    yield _rights(seen)
    if not seen.is_embedded:
        yield from _parts(seen, version)
        yield from _lease(seen)
    yield from _pods(seen)
    yield from _quotas(seen)
    yield from _claims(seen)
    yield from _kernels(seen)


def _definitions(seen: SeenCluster) -> Iterator[Finding]:
    if "definitions" in seen.unseen:
        return
    wrong = [found for each in seen.definitions if (found := _definition(each, seen)) is not None]
    yield from wrong
    for policy in seen.lacking_policies:
        yield Finding.wrong("definitions", f"the policy {policy} is not there", _install(seen))
    if not wrong and not seen.lacking_policies:
        names = " and ".join(each.name for each in seen.definitions)
        yield Finding.good("definitions", f"{names} are there, of this version")


def _definition(each: SeenDefinition, seen: SeenCluster) -> Finding | None:
    if not each.is_there:
        return Finding.wrong("definitions", f"{each.name} is not there", _install(seen))
    if not each.is_established:
        cure = f"kubectl describe crd {each.name}"
        return Finding.wrong("definitions", f"{each.name} is not established", cure)
    if each.lacks:
        says = f"{each.name} is older than this command line: it lacks {_listed(each.lacks)}"
        return Finding.wrong("definitions", says, _install(seen))
    if each.has_more:
        says = f"{each.name} is newer than this command line: it has {_listed(each.has_more)}"
        return Finding.wrong("definitions", says, "pip install --upgrade podbook")
    return None


def _install(seen: SeenCluster) -> str:
    return _RESTART if seen.is_embedded else _UPGRADE


def _rights(seen: SeenCluster) -> Finding:
    if not seen.lacking_rights:
        return Finding.good("rights", f"your account may run notebooks in {seen.runs}")
    says = f"your account may not {_listed(seen.lacking_rights)} in {seen.runs}"
    role = f"kubectl -n {seen.runs} create rolebinding podbook-you --clusterrole=edit --user=YOU"
    return Finding.wrong("rights", says, role)


def _parts(seen: SeenCluster, version: str) -> Iterator[Finding]:
    if "parts" in seen.unseen:
        return
    if not seen.parts:
        says = f"no Deployment of Podbook is in the namespace {seen.namespace}"
        cure = "name the release's namespace: podbook doctor --namespace NAMESPACE"
        yield Finding.wrong("release", says, cure)
        return
    known = {part.component for part in seen.parts}
    for component in sorted({"api", _OPERATOR} - known):
        says = f"no Deployment of the {component} is in the namespace {seen.namespace}"
        yield Finding.wrong(component, says, _UPGRADE)
    for part in seen.parts:
        yield _part(part, seen.namespace)
    others = {part.name: part.version for part in seen.parts if part.version != version}
    if others:
        said = ", ".join(f"{name} is {other}" for name, other in sorted(others.items()))
        cure = "helm upgrade the release, or install the command line of its version"
        yield Finding.wrong("version", f"{said}; this command line is {version}", cure)


def _part(part: SeenPart, namespace: str) -> Finding:
    if part.ready >= part.wanted > 0:
        return Finding.good(part.component, f"{part.name}: {part.ready} of {part.wanted} ready")
    says = f"{part.name}: {part.ready} of {part.wanted} ready"
    if not part.wanted:
        cure = f"kubectl -n {namespace} scale deployment {part.name} --replicas=1"
        return Finding.wrong(part.component, f"{part.name} is scaled to 0", cure)
    cure = f"kubectl -n {namespace} logs deployment/{part.name} --tail=50"
    return Finding.wrong(part.component, f"{says}{f'; {part.says}' if part.says else ''}", cure)


def _lease(seen: SeenCluster) -> Iterator[Finding]:
    if "lease" in seen.unseen or all(part.component != _OPERATOR for part in seen.parts):
        return
    lease, logs = seen.lease, f"kubectl -n {seen.namespace} logs deployment/podbook-operator"
    if lease is None:
        yield Finding.wrong("leader", "no operator has ever taken the Lease", logs)
    elif not lease.holder:
        yield Finding.wrong("leader", f"nobody holds the Lease {lease.name}", logs)
    elif lease.age_seconds is None or lease.age_seconds > lease.duration_seconds:
        age = "ever" if lease.age_seconds is None else f"for {lease.age_seconds:.0f} s"
        says = f"{lease.holder} holds the Lease {lease.name} and has not renewed it {age}"
        yield Finding.wrong("leader", says, logs)
    else:
        yield Finding.good("leader", f"{lease.holder} works")


def _pods(seen: SeenCluster) -> Iterator[Finding]:
    if "pods" in seen.unseen:
        return
    for pod in seen.pods[:_NAMED]:
        of = f" of {pod.notebook}" if pod.notebook else ""
        says = f"{pod.name}{of} cannot start, {pod.reason}: {pod.message}"
        if pod.reason == "Unschedulable":
            cure = "ask for less in runtime.resources, or add a node that fits"
            yield Finding.wrong("nodes", says, cure)
        else:
            cure = f"kubectl -n {seen.runs} describe pod {pod.name}"
            yield Finding.wrong("images" if "Image" in pod.reason else "pods", says, cure)
    if len(seen.pods) > _NAMED:
        more = f"{len(seen.pods) - _NAMED} more pods cannot start"
        yield Finding.wrong("nodes", more, f"kubectl -n {seen.runs} get pods")
    if not seen.pods:
        yield Finding.good("pods", "no run waits for a node or an image")


def _quotas(seen: SeenCluster) -> Iterator[Finding]:
    for quota in seen.quotas:
        says = f"nothing is left of {quota.resource} in {quota.name}: {quota.used} of {quota.hard}"
        cure = f"kubectl -n {seen.runs} edit resourcequota {quota.name}"
        yield Finding.wrong("quota", says, cure)


def _claims(seen: SeenCluster) -> Iterator[Finding]:
    for name, phase in seen.unbound_claims:
        cure = f"kubectl -n {seen.namespace} describe pvc {name}"
        yield Finding.wrong("store", f"the claim {name} has no volume: {phase}", cure)


def _kernels(seen: SeenCluster) -> Iterator[Finding]:
    unknown = [kernel for kernel in seen.kernels if not kernel.argv or not kernel.is_installed]
    for kernel in unknown[:_NAMED]:
        named = f"the kernel {kernel.kernel!r}" if kernel.kernel else f"{kernel.language!r}"
        if kernel.argv:
            says = f"{kernel.notebook} needs {kernel.argv[0]}, which this machine has not"
            cure = (
                f"install the Jupyter kernel of {kernel.language!r}, then `jupyter kernelspec list`"
            )
        else:
            says = f"{kernel.notebook}: no command is known for {named}"
            cure = "set runtime.command of the notebook, or kernels of operator.config"
            if seen.is_embedded:
                cure = f"install a Jupyter kernel of {kernel.language!r}"
        yield Finding.wrong("kernels", says, cure)
    if seen.kernels and not unknown:
        yield Finding.good("kernels", f"the kernels of {len(seen.kernels)} notebooks are known")


def _listed(words: tuple[str, ...]) -> str:
    shown = ", ".join(words[:3])
    return f"{shown} and {len(words) - 3} more" if len(words) > 3 else shown  # noqa: PLR2004
