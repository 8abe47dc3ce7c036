"""The command line of the cluster process."""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT_NAMESPACE: Final = "default"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the process was told."""

    data_dir: Path
    port: int
    manifests: tuple[Path, ...]
    namespace: str
    enable_faults: bool
    kubelet: bool
    token_file: Path | None
    kernel_python: Path | None
    bookmark_seconds: float
    page_limit: int


def parse(arguments: Sequence[str]) -> Settings:
    """Return the settings of a command line; exits with a usage message where it is wrong."""
    given = _parser().parse_args(arguments)
    return Settings(
        given.data_dir.absolute(),
        given.port,
        tuple(given.manifest),
        given.namespace,
        given.enable_faults,
        not given.no_kubelet,
        given.token_file,
        given.kernel_python,
        given.bookmark_seconds,
        given.page_limit,
    )


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m podbook_cluster",
        description="A small Kubernetes-compatible API server for one machine, and its kubelet.",
    )
    parser.add_argument("--data-dir", type=Path, required=True, help="holds all state, 0700")
    parser.add_argument(
        "--port", type=int, default=0, help="on 127.0.0.1; 0: the last one where it is free"
    )
    parser.add_argument(
        "--manifest",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="YAML to apply before the server is ready; may be repeated",
    )
    parser.add_argument(
        "--namespace", default=DEFAULT_NAMESPACE, help="made at start, and the kubeconfig's own"
    )
    parser.add_argument(
        "--token-file", type=Path, help="holds the administrator's token; default: one is made"
    )
    parser.add_argument(
        "--kernel-python", type=Path, help="what `python` is in a pod; default: this one"
    )
    parser.add_argument("--no-kubelet", action="store_true", help="run no pods")
    parser.add_argument(
        "--bookmark-seconds", type=float, default=20.0, help="after which silent watches get one"
    )
    parser.add_argument(
        "--enable-faults", action="store_true", help="for tests: break requests when asked to"
    )
    parser.add_argument(
        "--page-limit", type=int, default=0, help="for tests: 4 KiB pages until the disk is full"
    )
    return parser
