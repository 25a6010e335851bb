"""The event stream, byte by byte."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.evolink.sse import LINE_MOST, Event, EventParser, LineTooLong

SPELLINGS = {
    "plain": (b"data: a\n\ndata: b\n\n", ["a", "b"]),
    "no space": (b"data:a\n\ndata:  b\n\n", ["a", " b"]),
    "cr": (b"data: a\r\rdata: b\r\r", ["a", "b"]),
    "crlf": (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
    "mixed ends": (b"data: a\r\n\ndata: b\n\r\n\r\r", ["a", "b"]),
    "several lines": (b"data: a\ndata\ndata: b\n\n", ["a\n\nb"]),
    "byte order mark": (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
    "mark twice": (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", ["b"]),
    "comments": (b": ka\n\n:\ndata: a\n: in between\n\n:data: no\n\n", ["a"]),
    "other fields": (b"id: 1\nretry: 5\nfoo: x\nbar\ndata: a\n\nid: 2\n\n", ["a"]),
    "no blank line at the end": (b"data: a\n\ndata: b\n", ["a", "b"]),
    "no line end at the end": (b"data: a\n\ndata: b", ["a", "b"]),
    "empty data": (b"data:\n\ndata\n\ndata: a\n\n", ["", "", "a"]),
    "colons": (b"data: a: b:c\n\n", ["a: b:c"]),
    "many blank lines": (b"\n\n\ndata: a\n\n\n\n\ndata: b\n\n", ["a", "b"]),
    "line ends that are none": (
        "data: a\N{LINE SEPARATOR}b\N{NEXT LINE}c\x0bd\x0ce\n\n".encode(),
        ["a\N{LINE SEPARATOR}b\N{NEXT LINE}c\x0bd\x0ce"],
    ),
    "long characters": ("data: é日👩‍👧\n\n".encode(), ["é日👩‍👧"]),
    "not a data line": (b"datas: x\nDATA: y\n data: z\n\n", []),
    "nothing": (b"", []),
}


def events_of(chunks: list[bytes]) -> list[Event]:
    parser = EventParser()
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    return events + parser.finish()


def data_of(chunks: list[bytes]) -> list[str]:
    return [event.data.decode() for event in events_of(chunks)]


@pytest.mark.parametrize(("text", "expected"), SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_cut_at_every_byte(text: bytes, expected: list[str]):
    for at in range(len(text) + 1):
        assert data_of([text[:at], text[at:]]) == expected
    assert data_of([text[at : at + 1] for at in range(len(text))]) == expected


@pytest.mark.parametrize(("text", "expected"), SPELLINGS.values(), ids=SPELLINGS)
def test_empty_chunks_change_nothing(text: bytes, expected: list[str]):
    chunks = [b"", *(piece for at in range(len(text)) for piece in (text[at : at + 1], b""))]
    assert data_of(chunks) == expected


def test_an_event_has_its_name():
    text = b"event: error\ndata: a\n\ndata: b\n\nevent: lost\n\ndata: c\n\n"
    assert [event.name for event in events_of([text])] == ["error", "", ""]


LINES = st.sampled_from(
    [
        b"data: {}",
        b"data: ",
        b"data:x",
        b": c",
        b"event: e",
        b"",
        b"id: 1",
        b"\xef\xbb\xbf",
        b"data",
    ]
)


@given(
    lines=st.lists(LINES, max_size=12),
    end=st.sampled_from([b"\n", b"\r", b"\r\n"]),
    cuts=st.lists(st.integers(0, 120), max_size=8),
)
def test_where_it_is_cut_makes_no_difference(lines: list[bytes], end: bytes, cuts: list[int]):
    text = b"".join(line + end for line in lines)
    places = [0, *sorted(cuts), len(text)]
    pieces = [text[begin:stop] for begin, stop in pairwise(places)]
    assert events_of(pieces) == events_of([text[at : at + 1] for at in range(len(text))])


@given(st.binary(max_size=200), st.integers(1, 7))
def test_any_bytes_are_read_the_same_in_any_slices(text: bytes, size: int):
    slices = [text[at : at + size] for at in range(0, len(text), size)]
    assert events_of(slices) == events_of([text])


@given(st.lists(st.binary(max_size=30).map(lambda b: b.replace(b"\r", b"").replace(b"\n", b""))))
def test_the_quick_way_reads_what_the_careful_way_reads(parts: list[bytes]):
    text = b"".join(b"data: " + part + b"\n\n" for part in parts)
    assert [event.data for event in events_of([b": begin\n\n", text])] == parts


@pytest.mark.parametrize("text", [b"data: " + b"x" * LINE_MOST + b"y", b": " + b"x" * LINE_MOST])
def test_a_line_has_a_limit(text: bytes):
    with pytest.raises(LineTooLong):
        events_of([text[at : at + 2**16] for at in range(0, len(text), 2**16)])


def test_the_limit_holds_for_all_lines_of_an_event_together():
    with pytest.raises(LineTooLong):
        EventParser().feed((b"data: " + b"x" * 1000 + b"\n") * 1100)


def test_the_quick_way_has_the_limit_too():
    parser = EventParser()
    parser.feed(b": begin\n\n")
    with pytest.raises(LineTooLong):
        parser.feed(b"data: " + b"x" * (LINE_MOST + 1) + b"\n\n")


def test_a_line_just_within_the_limit_is_read():
    text = b"data: " + b"x" * (LINE_MOST - 100) + b"\n\n"
    assert len(events_of([text[at : at + 2**16] for at in range(0, len(text), 2**16)])) == 1
