"""Images: read as their formats say, or refused."""

from __future__ import annotations

import builtins
import contextlib
import io
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cnncalc.forward import images
from cnncalc.forward.images import is_image, pgm, png, read, shades
from cnncalc.forward.tensor import Tensor
from cnncalc.spec.source import SpecError

GRAY = Tensor((2, 3, 1), [0, 1, 2, 3, 4, 5])


@pytest.mark.parametrize(
    ("data", "image"),
    [
        (b"P2 3 2 5\n0 1 2\n3 4 5\n", GRAY),
        (b"P2\n# by hand\n3 2\n# the largest\n5\n0 1 2 # a row\n3 4 5", GRAY),
        (b"P5 3 2 5\n\0\1\2\3\4\5", GRAY),
        (b"P5 3 2 5\n\0\1\2\3\4\5and more", GRAY),
        (b"P5 2 1 65535\n\x01\x00\x00\x07", Tensor((1, 2, 1), [256, 7])),
        (b"P3 1 2 255 1 2 3 4 5 6", Tensor((2, 1, 3), [1, 2, 3, 4, 5, 6])),
        (b"P6 1 2 255\n\1\2\3\4\5\6", Tensor((2, 1, 3), [1, 2, 3, 4, 5, 6])),
        (b"P1 3 2\n101\n0 1 0", Tensor((2, 3, 1), [1, 0, 1, 0, 1, 0])),
        (b"P4 9 2\n\x80\x80\x01\x00", Tensor((2, 9, 1), [1, *[0] * 7, 1, *[0] * 7, 1, 0])),
    ],
)
def test_portable_maps_are_read(data: bytes, image: Tensor) -> None:
    """All six forms, with comments, in one byte and in two."""
    assert is_image(data)
    assert read("x.pgm", data) == image


@pytest.mark.parametrize(
    ("header", "rest"),
    [(b"P1 1 1\n", b"1 "), (b"P2 1 1 9\n", b"1 "), (b"P4 1 1\n", b"\x80"), (b"P5", b" "), (b"P5", b"#\n")],
)
def test_no_more_is_taken_apart_than_the_header_says(header: bytes, rest: bytes) -> None:
    """However long the file is; a megabyte in pieces would take a hundred."""
    data = header + rest * 2**20
    tracemalloc.start()
    try:
        with contextlib.suppress(SpecError):
            assert read("x.pgm", data) == Tensor((1, 1, 1), [1])
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"P5", "byte 2 is not in place"),
        (b"P5 3 x 5\n", "byte 4 is not in place"),
        (b"P5 99999999999 2 5\n", "byte 2 is not in place"),
        (b"P5 999999999 999999999 255\n\0", "999999999x999999999; it has from 1 to 16,777,216 pixels"),
        (b"P5 0 2 255\n\0", "the image is 0x2"),
        (b"P5 1 1 0\n\0", "the largest value is 0"),
        (b"P5 1 1 65536\n\0", "the largest value is 65536"),
        (b"P5 3 2 255\n\0\0", "the header says 3x2, which is 6 values; the file has 2"),
        (b"P6 1 1 255\n\0\0", "which is 3 values; the file has 2"),
        (b"P4 9 2\n\x80\x80", "which is 18 values; the file has 9"),
        (b"P2 1 1 5\n9", "a value of 9 is larger than the header's 5"),
        (b"P2 1 1 5\nx", "whole numbers"),
        (b"P1 1 1\n2", "whole numbers"),
    ],
)
def test_broken_portable_maps_are_refused(data: bytes, message: str) -> None:
    """A header that promises more than there is costs no memory."""
    with pytest.raises(SpecError, match=message):
        read("x.pgm", data)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Whatever stands behind the mark of an image."""
    for mark in (b"P1 ", b"P2 ", b"P4 2 2 ", b"P5 2 2 9 ", b"P6 1 1 9 ", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"):
        try:
            read("x", mark + body)
        except SpecError as error:
            assert error.message  # noqa: PT017


def encoded(image: Image.Image, form: str) -> bytes:
    """A picture as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def test_pictures_are_read_by_pillow() -> None:
    """Grey has one channel, colours have three; a palette is colours, transparency is left out, 16 bits stay."""
    gray = Image.frombytes("L", (3, 2), bytes([0, 1, 2, 3, 4, 5]))
    assert read("x.png", encoded(gray, "PNG")) == GRAY
    colour = Image.frombytes("RGB", (1, 2), bytes([1, 2, 3, 4, 5, 6]))
    assert read("x.png", encoded(colour, "PNG")) == Tensor((2, 1, 3), [1, 2, 3, 4, 5, 6])
    assert read("x.png", encoded(colour.quantize(), "PNG")) == Tensor((2, 1, 3), [1, 2, 3, 4, 5, 6])
    seen_through = Image.frombytes("RGBA", (1, 1), bytes([1, 2, 3, 0]))
    assert read("x.png", encoded(seen_through, "PNG")) == Tensor((1, 1, 3), [1, 2, 3])
    deep = Image.frombytes("I;16", (2, 1), struct.pack("<HH", 7, 60_000))
    assert read("x.png", encoded(deep, "PNG")) == Tensor((1, 2, 1), [7, 60_000])
    flat = Image.new("L", (8, 8), 100)
    assert read("x.jpg", encoded(flat, "JPEG")) == Tensor((8, 8, 1), [100] * 64)


def deep_png(kind: int, values: int) -> bytes:
    """A PNG of one pixel whose values have 16 bits."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 16, kind, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(1 + 2 * values))),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in [*chunks, (b"IEND", b"")]
    )


@pytest.mark.parametrize(("kind", "values"), [(2, 3), (4, 2), (6, 4)])
def test_sixteen_bits_of_colour_are_not_cut_to_eight(kind: int, values: int) -> None:
    """Pillow would do so without a word."""
    with pytest.raises(SpecError, match="16 bits a value"):
        read("x.png", deep_png(kind, values))
    assert read("x.png", deep_png(0, 1)) == Tensor((1, 1, 1), [0])


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "WEBP"])
def test_other_images_are_named(form: str) -> None:
    """They would be taken for broken text."""
    data = encoded(Image.new("L", (3, 2)), form)
    assert is_image(data)
    with pytest.raises(SpecError, match="this is a "):
        read("x", data)


def test_a_picture_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before its pixels are unpacked."""
    monkeypatch.setattr(images, "MOST_PIXELS", 5)
    with pytest.raises(SpecError, match="the image is 3x2; it has from 1 to 5 pixels"):
        read("x.png", encoded(Image.new("L", (3, 2)), "PNG"))


def test_pillow_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra."""
    real = builtins.__import__

    def without(name: str, *args: object, **kwargs: object) -> object:
        if name == "PIL":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SpecError, match="need Pillow") as caught:
        read("x.png", b"\x89PNG\r\n\x1a\n")
    assert "cnncalc[image]" in caught.value.hint


def test_shades_go_from_the_smallest_to_the_largest() -> None:
    """A map of one value is black."""
    assert list(shades([-2, 0, 2])) == [0, 128, 255]
    assert list(shades([3, 3])) == [0, 0]


@pytest.mark.parametrize("write", [pgm, png])
def test_what_is_written_is_read_again(write) -> None:
    """By us and by Pillow, the same values."""
    data = write([[0, 255, 51], [102, 1, 2]])
    assert read("x", data) == Tensor((2, 3, 1), [0, 255, 51, 102, 1, 2])
    with Image.open(io.BytesIO(data)) as image:
        assert list(image.tobytes()) == [0, 255, 51, 102, 1, 2]
