"""What a call may change of its notebook's runtime: nothing that the notebook does not name."""

from decimal import Decimal
from typing import Any

import pytest

from podbook_crds.call_rules.overriding.check import check_overrides, mistakes
from podbook_crds.call_rules.overriding.environment_names import never
from podbook_crds.errors import OverrideNotAllowed
from podbook_crds.resources import quantities
from podbook_crds.resources.execution import RuntimeOverride
from podbook_crds.resources.overrides import Overrides

ALLOWED = Overrides.model_validate(
    {
        "env": ["STAGE", "REGION"],
        "resources": {"memory": "2Gi", "cpu": 2, "nvidia.com/gpu": "1"},
        "kernel": ["ir", "python3"],
    }
)


def asked(**runtime: Any) -> RuntimeOverride:
    return RuntimeOverride.model_validate(runtime)


def env(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "value": "x"} for name in names]


FITTING = [
    pytest.param({}, id="nothing"),
    pytest.param({"env": env("STAGE")}, id="a variable that is listed"),
    pytest.param({"env": env("REGION", "STAGE")}, id="two of them"),
    pytest.param({"kernel": "ir"}, id="a kernel that is listed"),
    pytest.param({"resources": {"limits": {"memory": "2048Mi"}}}, id="as much as may be"),
    pytest.param({"resources": {"requests": {"cpu": "1999m"}}}, id="less than may be"),
    pytest.param({"resources": {"limits": {"nvidia.com/gpu": "1"}}}, id="a device"),
]
REFUSED = [
    pytest.param({"env": env("OTHER")}, ["/runtime/env/0/name"], id="a variable not listed"),
    pytest.param({"env": env("stage")}, ["/runtime/env/0/name"], id="in other letters"),
    pytest.param(
        {"env": env("STAGE", "A", "BASH_ENV")},
        ["/runtime/env/1/name", "/runtime/env/2/name"],
        id="each on its own",
    ),
    pytest.param({"kernel": "julia"}, ["/runtime/kernel"], id="a kernel not listed"),
    pytest.param({"kernel": ""}, ["/runtime/kernel"], id="an empty kernel"),
    pytest.param(
        {"resources": {"limits": {"memory": "2049Mi"}}},
        ["/runtime/resources/limits/memory"],
        id="more than may be",
    ),
    pytest.param(
        {"resources": {"requests": {"memory": "1Ti"}}},
        ["/runtime/resources/requests/memory"],
        id="a request of more",
    ),
    pytest.param(
        {"resources": {"limits": {"example.org/fpga": "1"}}},
        ["/runtime/resources/limits/example.org~1fpga"],
        id="a resource not listed",
    ),
    pytest.param(
        {"resources": {"limits": {"cpu": "lots"}}},
        ["/runtime/resources/limits/cpu"],
        id="no amount",
    ),
    pytest.param(
        {"resources": {"limits": {"cpu": "-1"}}}, ["/runtime/resources/limits/cpu"], id="negative"
    ),
    pytest.param(
        {"resources": {"limits": {"cpu": "1e99999999"}}},
        ["/runtime/resources/limits/cpu"],
        id="an amount without end",
    ),
]


@pytest.mark.parametrize("runtime", FITTING)
def test_what_the_notebook_lists_may_be_changed(runtime: dict[str, Any]) -> None:
    check_overrides(asked(**runtime), ALLOWED, inline=False)


@pytest.mark.parametrize(("runtime", "pointers"), REFUSED)
def test_nothing_else_may(runtime: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(OverrideNotAllowed) as refused:
        check_overrides(asked(**runtime), ALLOWED, inline=False)

    assert [violation.pointer for violation in refused.value.violations] == pointers


@pytest.mark.parametrize("runtime", [case.values[0] for case in FITTING[1:]])
@pytest.mark.parametrize("allowed", [None, Overrides()])
def test_a_notebook_that_lists_nothing_allows_nothing(
    runtime: dict[str, Any], allowed: Overrides | None
) -> None:
    with pytest.raises(OverrideNotAllowed, match="it lists none"):
        check_overrides(asked(**runtime), allowed, inline=False)


NEVER = [
    "PYTHONWARNINGS",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "pythonpath",
    "BROWSER",
    "BASH_ENV",
    "ENV",
    "R_PROFILE",
    "R_LIBS_USER",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "PATH",
    "HOME",
    "IPYTHONDIR",
    "JUPYTER_PATH",
    "JUPYTER_CONFIG_DIR",
    "PODBOOK_OUTPUT",
    "PODBOOK_TOKEN_FILE",
    "http_proxy",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "no_proxy",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSLKEYLOGFILE",
    "MPLBACKEND",
    "PERL5OPT",
    "RUBYOPT",
    "NODE_OPTIONS",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "JULIA_LOAD_PATH",
    "GIT_SSH_COMMAND",
    "SSH_ASKPASS",
    "PAGER",
    "EDITOR",
    "GIT_PAGER",
    "SHELLOPTS",
    "IFS",
    "PS4",
    "PROMPT_COMMAND",
    "AWS_CONFIG_FILE",
    "AWS_PROFILE",
    "KUBECONFIG",
    "TMPDIR",
    "KUBERNETES_SERVICE_HOST",
    "XDG_CONFIG_HOME",
    "GCONV_PATH",
    "CLASSPATH",
    "OPENSSL_CONF",
    "PIP_INDEX_URL",
    "PGHOST",
    "LDFLAGS",
]


@pytest.mark.parametrize("name", NEVER)
def test_what_is_code_may_never_be_given(name: str) -> None:
    reason = never(name)

    assert reason
    wide = Overrides(env=[name])
    for inline in (False, True):
        with pytest.raises(OverrideNotAllowed) as refused:
            check_overrides(asked(env=env(name)), wide, inline=inline)
        assert reason in str(refused.value)
    assert mistakes(wide) == [f"/overrides/env: {name!r} can be allowed to no call: {reason}"]


@pytest.mark.parametrize("name", ["", "A B", "A=B", "1ST", "A\n", "Ä", "A" * 129, "_", "A.B", "-"])
def test_what_is_no_name_may_not_be_given(name: str) -> None:
    assert never(name)


@pytest.mark.parametrize(
    "name",
    ["STAGE", "REGION", "FEATURE_FLAGS", "AWS_REGION", "LOG_LEVEL", "TZ", "OMP_NUM_THREADS", "a1"],
)
def test_ordinary_names_may_be_allowed(name: str) -> None:
    check_overrides(asked(env=env(name)), Overrides(env=[name]), inline=False)


def test_who_brings_the_notebook_may_choose_its_runtime() -> None:
    runtime = asked(env=env("ANY"), kernel="any", resources={"limits": {"memory": "1Ti"}})

    check_overrides(runtime, None, inline=True)


def test_a_maximum_that_is_none_is_told() -> None:
    (told,) = mistakes(Overrides(resources={"memory": "plenty"}))

    assert told.startswith("/overrides/resources/memory: 'plenty' is no quantity")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1", Decimal(1)),
        ("500m", Decimal("0.5")),
        ("1.5Gi", Decimal(3 * 2**29)),
        ("2k", Decimal(2000)),
        ("1e3", Decimal(1000)),
        ("12E-1", Decimal("1.2")),
        ("1E", Decimal(10**18)),
        (".5", Decimal("0.5")),
        ("100n", Decimal("1e-7")),
    ],
)
def test_amounts_are_read_as_kubernetes_writes_them(text: str, amount: Decimal) -> None:
    assert quantities.parse(text) == amount


@pytest.mark.parametrize("text", ["", "1GB", "1 Gi", "Gi", "1e", "1.2.3", "∞", "0x10", "1" * 30])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no quantity"):
        quantities.parse(text)
