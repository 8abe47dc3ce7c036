"""Compiles jupyrest.proto with grpc_tools, as jupyrest's own clients do."""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc_tools
from grpc_tools import protoc

import podbook_api

PROTO = Path(podbook_api.__file__).parent / "surfaces" / "grpc" / "jupyrest.proto"


@dataclass
class Compiled:
    """The modules that grpc_tools.protoc makes."""

    messages: Any
    services: Any


def compiled(folder: Path) -> Compiled:
    """Compile into the folder and import what came of it."""
    outputs = [f"--{kind}={folder}" for kind in ("python_out", "grpc_python_out")]
    assert protoc.main(["", f"-I{PROTO.parent}", *outputs, str(PROTO)]) == 0, grpc_tools.__file__
    sys.path.append(str(folder))
    try:
        return Compiled(
            importlib.import_module("jupyrest_pb2"), importlib.import_module("jupyrest_pb2_grpc")
        )
    finally:
        sys.path.remove(str(folder))
