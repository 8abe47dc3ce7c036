"""What gRPC's own tools find: the service described, reflected, and healthy."""

import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_tools import protoc
from pydantic import ValidationError

from podbook_api.settings import Settings
from podbook_api.surfaces.grpc import server
from rig.until import eventually
from tests.rpc.conftest import Worker
from tests.support.grpc_client import PROTO


def test_the_messages_are_those_of_the_proto(tmp_path: Path) -> None:
    out = tmp_path / "set"
    assert protoc.main(["", f"-I{PROTO.parent}", f"--descriptor_set_out={out}", str(PROTO)]) == 0
    expected = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file[0]
    for message in expected.message_type:
        for field in message.field:
            field.ClearField("json_name")

    # In a process of its own: there can be only one jupyrest.proto in each.
    text = "import sys; from podbook_api.surfaces.grpc import messages as m;"
    text += "sys.stdout.buffer.write(m.description().SerializeToString())"
    described = subprocess.run([sys.executable, "-c", text], capture_output=True, check=True)

    assert descriptor_pb2.FileDescriptorProto.FromString(described.stdout) == expected


def test_health_says_serving_once_the_catalog_is_known(worker: Worker) -> None:
    stub = health_pb2_grpc.HealthStub(worker.channel)

    def is_serving(service: str) -> bool:
        answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    eventually(lambda: is_serving(""), "the server is serving")
    eventually(lambda: is_serving("WorkerService"), "the service is serving")


def test_reflection_lists_the_service(worker: Worker) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(worker.channel)
    asked = reflection_pb2.ServerReflectionRequest(list_services="")

    answer = next(stub.ServerReflectionInfo(iter([asked]), timeout=10))

    names = {service.name for service in answer.list_services_response.service}
    assert "WorkerService" in names
    assert "grpc.health.v1.Health" in names


def test_without_a_token_it_is_served_to_this_machine_only() -> None:
    with pytest.raises(ValueError, match=r"PODBOOK_GRPC_HOST=0\.0\.0\.0 is reachable by others"):
        server.check_reach(Settings(grpc_host="0.0.0.0"))

    server.check_reach(Settings(grpc_host="127.0.0.1"))
    server.check_reach(Settings(grpc_host="0.0.0.0", auth="token"))


def test_a_port_is_a_number() -> None:
    with pytest.raises(ValidationError, match="grpc_port"):
        Settings(grpc_port="many")
