"""Environment variables that no call may ever set, whatever a notebook allows, each with a reason.

An environment is code: much of what reads it loads a file, starts a program or trusts a server that
it names. The list is that of what decides so before or beside the notebook's own cells; it cannot
be whole, which is why a call may set nothing at all but what the notebook names.
"""

import re
from typing import Final

_LOADER: Final = "it decides which libraries a program loads"
_PYTHON: Final = "it decides what Python imports or runs before the first cell"
_SHELL: Final = "a shell runs what it names, or reads its own words differently"
_LANGUAGE: Final = "it decides what that language loads or runs at its start"
_PROGRAM: Final = "it names a program that others start"
_FOLDER: Final = "programs look there for their settings, which can name code"
_TRUST: Final = "it leads connections, and the secrets in them, to another server"
_OURS: Final = "Podbook and Kubernetes set it themselves"

# Patterns of whole names, in capitals: names are compared without regard to case, because some
# programs read both.
_NEVER: Final[tuple[tuple[str, str], ...]] = (
    (r"PODBOOK_.*|KUBERNETES_.*|KUBECONFIG", _OURS),
    (r"LD_.*|DYLD_.*|GLIBC_.*|MALLOC_.*|GCONV_PATH|LOCPATH|NLSPATH|GETCONF_DIR", _LOADER),
    (r"PYTHON.*|IPYTHON.*|JUPYTER.*|PIP_.*|UV_.*|CONDA.*|MAMBA.*|VIRTUAL_ENV|PYENV.*", _PYTHON),
    (r"MPLBACKEND|MPLCONFIGDIR|MATPLOTLIBRC|COVERAGE_.*|COV_CORE_.*|NUMBA_.*|DASK_.*", _PYTHON),
    (r"DJANGO_SETTINGS_MODULE|SETUPTOOLS_.*|DISTUTILS_.*|PYDEVD.*|DEBUGPY.*|PYSPARK_.*", _PYTHON),
    (r"BASH.*|ENV|SHELL|SHELLOPTS|IFS|CDPATH|GLOBIGNORE|PS[0-4]|PROMPT_COMMAND", _SHELL),
    (r"ZDOTDIR|FPATH|KSH_ENV|POSIXLY_CORRECT", _SHELL),
    (r"R_.*|RENV_.*|RSTUDIO.*|PERL5.*|PERL_.*|RUBY.*|GEM_.*|BUNDLE_.*|LUA_.*", _LANGUAGE),
    (r"NODE_(OPTIONS|PATH|REPL.*|V8.*)|NPM_CONFIG_.*|PHPRC|PHP_INI.*|JULIA_.*", _LANGUAGE),
    (r"JAVA_.*|_JAVA_.*|JDK_.*|CLASSPATH|SPARK_.*|HADOOP_.*|DOTNET_.*|COMPLUS_.*", _LANGUAGE),
    (r"CORECLR_.*|GO(FLAGS|ROOT|PATH|ENV|TOOL.*)|CARGO_.*|RUSTC.*|OCL_ICD_.*", _LANGUAGE),
    (r"CC|CXX|CPP|LD|AR|AS|FC|(C|CXX|CPP|LD|F|FC|F77|AS|NVCC_APPEND_)_?FLAGS", _LANGUAGE),
    (
        r"TRITON_.*|TORCH_(EXTENSIONS|HOME).*|TORCHINDUCTOR_.*|CUDA_(HOME|PATH|CACHE.*|INJ.*)",
        _LANGUAGE,
    ),
    (r"PATH|PATHEXT|COMSPEC|BROWSER|PAGER|.*_PAGER|MANPAGER|EDITOR|VISUAL|.*_EDITOR", _PROGRAM),
    (r".*_ASKPASS|LESS(OPEN|CLOSE|KEY.*|EDIT)|GIT_.*|SSH_.*|GPG_.*|GNUPG.*|DOCKER_.*", _PROGRAM),
    (r"MAKEFLAGS|MAKEFILES|MFLAGS|TAR_OPTIONS|RSYNC_.*|FZF_.*|RIPGREP_.*", _PROGRAM),
    (r"HOME|USERPROFILE|APPDATA|XDG_.*|TMPDIR|TMP|TEMP|.*_CONFIG_(FILE|DIR|PATH)", _FOLDER),
    (r"TERMINFO.*|TERMCAP|MAGIC|PWD|OLDPWD|NETRC|ODBC.*|WGETRC|CURL_HOME", _FOLDER),
    (r".*_PROXY|SSL_.*|SSLKEYLOGFILE|OPENSSL_.*|.*_CA_(BUNDLE|CERTS?|FILE|PATH)", _TRUST),
    (r"NODE_(EXTRA_CA_CERTS|TLS.*)|.*_ENDPOINT(_URL.*)?|HOSTALIASES|LOCALDOMAIN", _TRUST),
    (r"RES_OPTIONS|RESOLV_.*|KRB5.*|PG(HOST.*|SERVICE.*|SYSCONFDIR|PASSFILE|SSL.*)", _TRUST),
    (r"AWS_(PROFILE|DEFAULT_PROFILE|SHARED_.*|WEB_IDENTITY.*|CONTAINER_.*|.*METADATA.*)", _TRUST),
    (
        r"AZURE_(AUTHORITY.*|CONFIG.*)|GOOGLE_(APPLICATION|EXTERNAL|API)_.*|CLOUDSDK_.*|BOTO_.*",
        _TRUST,
    ),
)
_RULES: Final = tuple((re.compile(pattern), why) for pattern, why in _NEVER)
# What Kubernetes takes, and no shell or loader reads in another way.
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def never(name: str) -> str:
    """Say why no call may set that variable; empty where a notebook may allow it."""
    if not _NAME.fullmatch(name):
        return "a name has letters, digits and _, no digit first, at most 128"
    if name.startswith("_"):
        return "programs keep names with a leading _ to themselves"
    capitals = name.upper()
    return next((why for pattern, why in _RULES if pattern.fullmatch(capitals)), "")
