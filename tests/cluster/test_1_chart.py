"""The chart is what Helm and the real API server accept, as it comes and with every value set."""

from pathlib import Path

import pytest
import yaml

from tests.cluster import commands
from tests.cluster.installed import CHART, helm, kubectl
from tests.support.documents import shown_values

EVERYTHING = Path(__file__).parent / "charts" / "everything.yaml"
NAMESPACES = ("trial", "trial-runs", "analyses")


@pytest.fixture(scope="module", autouse=True)
def namespaces() -> None:
    """A dry run into a namespace that is not there is refused."""
    for name in NAMESPACES:
        manifest = kubectl("create", "namespace", name, "--dry-run=client", "-oyaml")
        kubectl("apply", "-f", "-", stdin=manifest)


@pytest.mark.parametrize("values", [[], ["--values", str(EVERYTHING)]], ids=["defaults", "all"])
def test_helm_finds_nothing_to_mend(values: list[str]) -> None:
    helm("lint", "--quiet", "--strict", str(CHART), *values)


@pytest.mark.parametrize("values", [[], ["--values", str(EVERYTHING)]], ids=["defaults", "all"])
def test_the_api_server_accepts_what_helm_makes(values: list[str]) -> None:
    made = helm("template", "trial", str(CHART), "--namespace", "trial", *values)

    kubectl("apply", "--dry-run=server", "-f", "-", stdin=made)


@pytest.mark.parametrize(("place", "text"), shown_values())
def test_the_values_that_a_document_shows_are_rendered(
    place: str, text: str, tmp_path: Path
) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(text)

    made = helm("template", "trial", str(CHART), "--namespace", "trial", "--values", str(values))

    kinds = {part["kind"] for part in yaml.safe_load_all(made) if part}
    ways = {"ingress": "Ingress", "httpRoute": "HTTPRoute"}
    wanted = {ways[key] for key in yaml.safe_load(text)["api"] if key in ways}
    assert wanted == kinds & {*ways.values()}


def test_the_definitions_and_the_executions_stay_when_the_release_goes() -> None:
    made = helm("template", "trial", str(CHART), "--namespace", "trial")

    kept = [part for part in made.split("\n---\n") if "helm.sh/resource-policy: keep" in part]
    kinds = {line for part in kept for line in part.splitlines() if line.startswith("kind: ")}
    assert kinds == {
        "kind: CustomResourceDefinition",
        "kind: ValidatingAdmissionPolicy",
        "kind: ValidatingAdmissionPolicyBinding",
        "kind: Namespace",
        "kind: PersistentVolumeClaim",
    }


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        pytest.param("api.replica=2", "not allowed", id="an undeclared value"),
        pytest.param("api.replicas=2", "set store.url", id="two writers on one volume"),
        pytest.param("api.ingress.enabled=true", "api.ingress.host", id="an Ingress for no host"),
        pytest.param("api.httpRoute.enabled=true", "parentRefs", id="a route without a gateway"),
        pytest.param(
            "api.forwardedUserHeader=X-U", "api.forwardedSecret", id="a proxy's word alone"
        ),
        pytest.param("catalog.git.url=https://me:secret@git.example/x", "git.url", id="a password"),
        pytest.param("api.auth=token", "api.tokenSecret", id="a token without its Secret"),
        pytest.param(
            "api.tls.certManager.enabled=true", "api.tls.secret", id="a certificate for nobody"
        ),
    ],
)
def test_what_cannot_work_is_refused_with_what_to_do(setting: str, said: str) -> None:
    with pytest.raises(commands.CommandFailed, match=said):
        helm("template", "trial", str(CHART), "--set", setting)


def test_the_api_server_accepts_what_speaks_tls() -> None:
    secrets = "api.tls.secret=podbook-tls,api.intakeTls.secret=podbook-intake-tls"
    secrets += ",catalog.git.url=https://git.example/x"
    made = helm("template", "trial", str(CHART), "--namespace", "trial", "--set", secrets)

    kubectl("apply", "--dry-run=server", "-f", "-", stdin=made)
    assert "https://trial-podbook-intake.trial.svc:5051" in made
    assert "https://trial-podbook.trial.svc:80" in made


def test_what_needs_definitions_of_others_is_made_beside_them() -> None:
    values = ["api.httpRoute.parentRefs[0].name=gateway"]
    for of in ("api.tls", "api.intakeTls"):
        values += [f"{of}.secret=x", f"{of}.certManager.issuerRef.name=ours"]
    switches = ["api.httpRoute", "monitoring.podMonitor", "monitoring.rules"]
    switches += ["api.tls.certManager", "api.intakeTls.certManager"]
    values += [f"{switch}.enabled=true" for switch in switches]
    made = helm("template", "trial", str(CHART), "--set", ",".join(values))

    kinds = [part["kind"] for part in yaml.safe_load_all(made) if part]
    wanted = {"HTTPRoute": 1, "PodMonitor": 2, "PrometheusRule": 1, "Certificate": 2}
    assert {kind: kinds.count(kind) for kind in wanted} == wanted


def test_the_values_for_production_are_taken() -> None:
    mine = "store.url=s3://bucket/podbook,store.credentialsSecret=store,api.oidc.issuer="
    off = "monitoring.podMonitor.enabled=false,monitoring.rules.enabled=false"
    values = ["--values", str(CHART / "production.yaml"), "--set", f"{mine},{off}"]

    made = helm("template", "trial", str(CHART), "--namespace", "trial", *values)

    kubectl("apply", "--dry-run=server", "-f", "-", stdin=made)
