"""Where text comes from: bytes, byte-order marks, places in a text."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnncalc.spec import source
from cnncalc.spec.source import Source, Span, SpecError, checked, decode, read


def test_places_are_counted_from_one() -> None:
    """Line and column of an offset, at the start, behind a line break and at the end."""
    text = Source("s", "ab\ncd\r\n\ne")
    assert [text.position(offset) for offset in (0, 1, 2, 3, 6, 7, 8, 9)] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 4), (3, 1), (4, 1), (4, 2),
    ]  # fmt: skip
    assert [text.line(number) for number in (1, 2, 3, 4)] == ["ab", "cd", "", "e"]


def test_a_span_is_the_words_themselves() -> None:
    """Its text is cut out of the source."""
    assert Span(Source("s", "conv 8 3x3"), 7, 10).text == "3x3"


def test_bytes_are_utf_8_with_or_without_a_mark() -> None:
    """A byte-order mark is no part of the text, from a file and from Python alike."""
    for data in ("conv 8 3×3".encode(), "\ufeffconv 8 3×3".encode()):
        assert checked(decode("f", data)) == Source("f", "conv 8 3×3")
    assert checked(Source("f", "\ufeffrelu")).text == "relu"


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"relu\n\xff", (2, 1), "byte 0xFF is not UTF-8 text"),
        (b"\xef\xbb\xbfrelu \xe4", (1, 7), "byte 0xE4 is not UTF-8 text"),
        (b"relu \xe9 \xe9", (1, 6), "byte 0xE9 is not UTF-8 text"),
        (b"\xff\xfer\x00e\x00", (1, 1), "byte 0xFF is not UTF-8 text"),
        (b"re\x00lu", (1, 3), "a NUL byte: this looks like a binary file, not like a spec"),
    ],
)
def test_bytes_that_are_no_text(data: bytes, place: tuple[int, int], message: str) -> None:
    """The first byte that cannot be read is named, with its place."""
    with pytest.raises(SpecError) as caught:
        checked(decode("f", data))
    assert caught.value.message == message
    assert (caught.value.line, caught.value.column) == place


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over 32 MiB nothing is read, neither bytes nor text."""
    monkeypatch.setattr(source, "LONGEST_SOURCE", 2**20)
    with pytest.raises(SpecError, match="this file has 2 MiB; a spec has at most 32"):
        decode("f", b"#" * 2**21)
    with pytest.raises(SpecError, match="a spec has at most 32 MiB"):
        checked(Source("f", "#" * (2**20 + 1)))
    assert checked(Source("f", "#" * 2**20))


def test_reading_a_file(tmp_path: Path) -> None:
    """A file is read; one that is not there, or is a folder, is an error without a line."""
    file = tmp_path / "net.cnn"
    file.write_bytes(b"relu\r\n")
    assert read(str(file)) == Source(str(file), "relu\r\n")
    with pytest.raises(SpecError) as caught:
        read(str(tmp_path / "none.cnn"))
    assert str(caught.value) == f"{tmp_path / 'none.cnn'}:1:1: error: cannot read this file: No such file or directory"
    with pytest.raises(SpecError, match="cannot read this file"):
        read(str(tmp_path))
