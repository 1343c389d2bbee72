"""The wire format: what is written is read back, and nothing else is accepted."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graft_plugin import protocol
from graft_plugin.errors import GraftError, ProtocolError, SceneError, from_dict
from graft_plugin.protocol import Cancel, Failure, Hello, Progress, Request, Result

MESSAGES = [
    Hello(software="graft 0.1.0", methods=["ping"], pid=7),
    Request(id="1", method="query", params={"raster": "/tmp/호수 지도.tif", "prompts": ["lake"]}),
    Progress(id="1", stage="encode", done=3, total=0),
    Result(id="1", value={"polygons": 3, "area_m2": 1.5, "none": None}),
    Failure(id="1", error=SceneError("no CRS", remedy="Set one.", path="a b.tif").to_dict(), detail="trace\nback"),
    Cancel(id="1"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_round_trip_is_one_ascii_line(message):
    line = protocol.encode(message)
    assert line.count(b"\n") == 1 and line.endswith(b"\n") and line.isascii()
    assert protocol.decode(line) == message
    assert protocol.decode(line.decode()) == message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.text(), st.dictionaries(st.text(), json_values, max_size=4))
def test_any_json_crosses_unchanged(name, params):
    message = Request(id=name, method=name, params=params)
    assert protocol.decode(protocol.encode(message)) == message


@given(st.binary(max_size=200))
def test_noise_is_a_protocol_error_or_a_message(noise):
    try:
        message = protocol.decode(noise)
    except ProtocolError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(message, (Hello, Request, Progress, Result, Failure, Cancel))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), object()])
def test_what_json_lacks_is_not_written(value):
    with pytest.raises(ProtocolError, match="cannot be written"):
        protocol.encode(Result(id="1", value={"x": [value]}))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"type":"result","id":"1","value":{"x":NaN}}', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"type":"result","id":"1","value":{"x":' + b"9" * 5000 + b"}}", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"type":"dance"}', "unknown message type 'dance'"),
        (b'{"type":["hello"]}', "unknown message type"),
        (b'{"id":"1"}', "unknown message type None"),
        (b'{"type":"request","id":"1"}', "lacks method"),
        (b'{"type":"request","id":1,"method":"ping"}', "id of a request message must be a text, not int"),
        (b'{"type":"request","id":"1","method":"ping","params":[]}', "params .* an object, not list"),
        (b'{"type":"progress","id":"1","stage":"a","done":true,"total":1}', "done .* whole number, not bool"),
        (b'"' + b"x" * protocol.MAX_LINE_BYTES + b'"', "longer than"),
    ],
)
def test_malformed_lines_say_what_is_wrong(line, words):
    with pytest.raises(ProtocolError, match=words):
        protocol.decode(line)


def test_unknown_keys_are_ignored_so_that_a_newer_side_can_add_some():
    data = json.loads(protocol.encode(Cancel(id="1")))
    assert protocol.decode(json.dumps({**data, "why": "tired"})) == Cancel(id="1")


def test_an_oversized_line_is_skipped_in_bounded_memory_and_the_next_is_read():
    class Counting(io.BytesIO):
        largest = 0

        def readline(self, size=-1):
            line = super().readline(size)
            self.largest = max(self.largest, len(line))
            return line

    cancel = protocol.encode(Cancel(id="1"))
    stream = Counting(b"\n  \n" + b"x" * (3 * protocol.MAX_LINE_BYTES) + b"\n" + cancel)
    with pytest.raises(ProtocolError, match="longer"):
        protocol.read_line(stream)
    assert protocol.read_line(stream) == cancel
    assert protocol.read_line(stream) is None
    assert stream.largest <= protocol.MAX_LINE_BYTES + 1


def test_a_result_too_long_for_a_line_is_refused_by_the_writer():
    with pytest.raises(ProtocolError, match="longer than"):
        protocol.encode(Result(id="1", value={"x": "y" * protocol.MAX_LINE_BYTES}))


def test_versions_must_agree():
    protocol.check_version(Hello())
    with pytest.raises(ProtocolError, match=r"graft 9 speaks protocol 99, this side 1\. Bring"):
        protocol.check_version(Hello(protocol=99, software="graft 9"))


def test_errors_cross_as_data():
    sent = SceneError("has no CRS", remedy="Assign one in QGIS.", path="/data/a.tif")
    line = protocol.encode(Failure(id="1", error=sent.to_dict()))
    received = from_dict(protocol.decode(line).error)
    assert type(received) is SceneError
    assert str(received) == str(sent) == "/data/a.tif: has no CRS. Assign one in QGIS."
    assert type(from_dict({"code": "from the future", "message": "x"})) is GraftError
