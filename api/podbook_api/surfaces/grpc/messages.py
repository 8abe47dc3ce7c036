"""The messages of jupyrest.proto, made from their description when this is imported.

Generated modules demand a runtime at least as new as their generator; this works with any. A test
compiles jupyrest.proto and compares.
"""

from enum import IntEnum
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FILE: Final = "jupyrest.proto"
SERVICE: Final = "WorkerService"
METHOD: Final = "execute_notebook"

_Field = descriptor_pb2.FieldDescriptorProto


class StatusCode(IntEnum):
    """How a call ended, beside gRPC's own status."""

    OK = 0
    INTERNAL_ERROR = 1
    BAD_INPUT = 2
    INPUT_SCHEMA_VALIDATION_ERROR = 3
    NOTEBOOK_NOT_FOUND = 4
    PLUGIN_NOT_FOUND = 5


# Each message's fields in the order of their numbers, from 1; other types are those defined here.
_MESSAGES: Final = {
    "Status": {"code": "StatusCode", "details": "string"},
    "Notebook": {"ipynb": "bytes"},
    "NotebookExecutionRequest": {
        "notebook_id": "string",
        "plugin_name": "string",
        "parameters": "bytes",
        "parameterize_only": "bool",
    },
    "NotebookExecutionResponse": {"status": "Status", "notebook": "Notebook"},
}
_TYPES: Final = {
    "string": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
    "bool": _Field.TYPE_BOOL,
    "StatusCode": _Field.TYPE_ENUM,
}


def description() -> descriptor_pb2.FileDescriptorProto:
    """Return what protoc makes of jupyrest.proto."""
    file = descriptor_pb2.FileDescriptorProto(name=FILE, syntax="proto3")
    enum = file.enum_type.add(name=StatusCode.__name__)
    for code in StatusCode:
        enum.value.add(name=code.name, number=code)
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, (field, kind) in enumerate(fields.items(), 1):
            message.field.append(_field(field, kind, number))
    file.service.add(name=SERVICE).method.add(
        name=METHOD,
        input_type=".NotebookExecutionRequest",
        output_type=".NotebookExecutionResponse",
    )
    return file


def _field(name: str, kind: str, number: int) -> descriptor_pb2.FieldDescriptorProto:
    field = _Field(
        name=name,
        number=number,
        label=_Field.LABEL_OPTIONAL,
        type=_TYPES.get(kind, _Field.TYPE_MESSAGE),
    )
    if kind == StatusCode.__name__ or kind in _MESSAGES:
        field.type_name = f".{kind}"
    return field


def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(name))


# The default pool, where reflection looks.
_POOL: Final = descriptor_pool.Default()
_POOL.AddSerializedFile(description().SerializeToString())

Request: Final = _message("NotebookExecutionRequest")
Response: Final = _message("NotebookExecutionResponse")
