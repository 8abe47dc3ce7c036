"""The small readers and writers: JSON as Go writes it, ages, JSONPaths, protobuf, formats."""

import json
import struct
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podbook_cluster.apiserver.read import representations
from podbook_cluster.apiserver.schema import formats
from podbook_cluster.apiserver.serve import protobuf
from podbook_cluster.apiserver.terms import clock, go_json, json_paths
from podbook_cluster.apiserver.terms.errors import ApiError


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1.0", "1"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e+21"),
        ("1.5e-7", "1.5e-07"),
        ("123456789012345678901234567890", "1.2345678901234568e+29"),
        ("18446744073709551615", "18446744073709552000"),
        ("-9223372036854775808", "-9223372036854775808"),
        ('"\\udc00x"', '"\ufffdx"'),
        ('{"a":[1.50,null,true]}', '{"a":[1.5,null,true]}'),
    ],
)
def test_values_survive_as_in_go(text: str, written: str) -> None:
    assert json.loads(go_json.encode(go_json.decode(text.encode()))) == json.loads(written)


def test_a_float_of_twenty_digits_is_written_out() -> None:
    assert go_json.encode(go_json.decode(b"1e20")) == b"100000000000000000000"
    assert go_json.encode(go_json.decode(b"1e21")) == b"1e+21"


@pytest.mark.parametrize(
    "text", ["NaN", "{", "[1,]", "", "{'a': 1}", "Infinity", "1e400", f"[{10**309}]", f"-{10**400}"]
)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        go_json.decode(text.encode())


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_JSON)
def test_a_second_round_changes_nothing(value: Any) -> None:
    once = go_json.decode(json.dumps(value).encode())
    twice = go_json.decode(go_json.encode(once))

    assert go_json.encode(twice) == go_json.encode(once)


@pytest.mark.parametrize(
    ("seconds", "age"),
    [
        (-5, "<invalid>"),
        (-1, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (1000, "16m"),
        (3 * 3600 + 60, "3h1m"),
        (9 * 3600 + 60, "9h"),
        (47 * 3600, "47h"),
        (49 * 3600, "2d1h"),
        (9 * 86400, "9d"),
        (800 * 86400, "2y70d"),
        (9 * 365 * 86400, "9y"),
    ],
)
def test_ages_are_short(seconds: int, age: str) -> None:
    assert clock.spell_duration(timedelta(seconds=seconds).total_seconds()) == age


_OBJECT = {
    "metadata": {"annotations": {"a.b/c": "d"}},
    "status": {"conditions": [{"type": "A", "status": "1"}, {"type": "B", "status": "2"}]},
    "list": [{"x": 1}, {"x": 2}],
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".status.conditions[1].status", "2"),
        ('.status.conditions[?(@.type=="B")].status', "2"),
        (".status.conditions[?(@.type=='C')].status", None),
        (".metadata.annotations['a.b/c']", "d"),
        (".metadata.annotations.a\\.b/c", None),
        (".list[*].x", 1),
        (".list[-1].x", 2),
        (".nothing.at.all", None),
    ],
)
def test_paths_of_printer_columns(path: str, found: Any) -> None:
    assert json_paths.find(path, _OBJECT) == found


@pytest.mark.parametrize(
    ("name", "text", "valid"),
    [
        ("date-time", "2026-01-02T03:04:05Z", True),
        ("date-time", "2026-01-02T03:04:05.123456789+01:00", True),
        ("date-time", "2026-13-02T03:04:05Z", False),
        ("date-time", "2026-01-02", False),
        ("date", "2026-01-02", True),
        ("duration", "1h30m", True),
        ("duration", "soon", False),
        ("byte", "YQ==", True),
        ("byte", "YQ=", False),
        ("uuid", "0f4c6a5e-1111-4222-8333-444455556666", True),
        ("uuid", "x", False),
        ("ipv4", "127.0.0.1", True),
        ("cidr", "10.0.0.1/8", True),
        ("uri", "https://a/b", True),
        ("something-else", "anything", True),
    ],
)
def test_formats(name: str, text: str, valid: bool) -> None:
    assert formats.is_valid(name, text) is valid


def _field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return bytes([number << 3]) + bytes([content])
    return bytes([number << 3 | 2, len(content)]) + content


def _envelope(kind: str, message: bytes) -> bytes:
    type_meta = _field(1, b"v1") + _field(2, kind.encode())
    return b"k8s\0" + _field(1, type_meta) + _field(2, message)


def test_protobuf_of_a_known_kind_is_read() -> None:
    entry = _field(1, b"key") + _field(2, b"value")
    message = _field(1, _field(1, b"name") + _field(2, b"")) + _field(2, entry)

    assert protobuf.decode(_envelope("ConfigMap", message)) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "name"},
        "data": {"key": "value"},
    }


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"{}", id="no protobuf"),
        pytest.param(_envelope("Pod", b""), id="a kind that is not read"),
        pytest.param(b"k8s\0\x0a\xff", id="cut off"),
        pytest.param(b"k8s\0" + struct.pack("<I", 7), id="nonsense"),
    ],
)
def test_other_protobuf_is_refused_by_what_it_is(data: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        protobuf.decode(data)

    assert caught.value.code == 415


def test_a_warning_is_one_line_of_a_header() -> None:
    shown = representations.warning('unknown field "spec.a\r\nSet-Cookie: b\\"')

    assert shown == '299 - "unknown field \\"spec.a  Set-Cookie: b\\\\\\""'
