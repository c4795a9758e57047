"""Images as tensors: PBM, PGM and PPM here, PNG and JPEG by Pillow (the extra `cnncalc[image]`)."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Sequence
from string import whitespace
from typing import Any, Final

from cnncalc.forward.reading import fail
from cnncalc.forward.tensor import Tensor
from cnncalc.prose import counted

# No image has more pixels; a header that promises more is broken, or an attack.
MOST_PIXELS: Final = 2**24
MOST_MAXVAL: Final = 65535
_PNM: Final = re.compile(rb"P([1-6])")
# Numbers of a header stand apart by white space and by comments up to the end of the line.
_FIELD: Final = re.compile(rb"(?:\s|#[^\n\r]*[\n\r])++(\d{1,9})(?=[\s#])")
_COMMENT: Final = re.compile(rb"#[^\n\r]*")
_BINARY: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_PNG: Final = _BINARY[0]
# Where the header of a PNG says how many bits a value has; behind it stands what a pixel is.
_PNG_DEPTH: Final = 24
_PNG_GRAY: Final = 0
# Other images, by how they begin.
_OTHERS: Final = {
    b"GIF8": "a GIF image",
    b"BM": "a BMP image",
    b"RIFF": "a WebP image",
    b"II*\0": "a TIFF image",
    b"MM\0*": "a TIFF image",
    b"P7\n": "a PAM image",
    b"%PDF": "a PDF file",
}


def is_image(data: bytes) -> bool:
    """Whether the bytes begin as an image does, if only as one that is not read."""
    return _PNM.match(data) is not None or data.startswith((*_BINARY, *_OTHERS))


def read(name: str, data: bytes) -> Tensor:
    """An image as a tensor of its values as they are stored: height, width, and 1 or 3 channels.

    A picture with a palette is read as colours, and transparency is left out. Raises `SpecError` for a broken
    image, for one of over 2**24 pixels, for PNG and JPEG without Pillow, and for other forms.
    """
    for mark, what in _OTHERS.items():
        if data.startswith(mark):
            fail(f"this is {what}; PNG, JPEG, PBM, PGM and PPM images are read", name)
    return _pnm(name, data) if _PNM.match(data) else _by_pillow(name, data)


def _pnm(name: str, data: bytes) -> Tensor:
    """PBM, PGM and PPM, plain (P1 to P3) and raw (P4 to P6), as netpbm defines them. In PBM 1 is black."""
    form = int(data[1:2])
    position = 2
    header: list[int] = []
    for _ in range(2 if form in {1, 4} else 3):
        field = _FIELD.match(data, position)
        if field is None:
            fail(f"byte {position} is not in place: a P{form} image begins with its width and height", name)
        header.append(int(field[1]))
        position = field.end()
    width, height, maxval = (*header, 1)[:3]
    _check_size(name, width, height)
    if not 0 < maxval <= MOST_MAXVAL:
        fail(f"the largest value is {maxval}; it is from 1 to {MOST_MAXVAL}", name)
    channels = 3 if form in {3, 6} else 1
    count = width * height * channels
    # A file may hold more than its header says, and no more than that is taken apart.
    readers: dict[int, Callable[[bytes], Sequence[int]]] = {
        1: lambda body: _digits(body, count),
        2: lambda body: _decimals(body, count),
        3: lambda body: _decimals(body, count),
        4: lambda body: _bits(body, width, height),
        5: lambda body: _whole(body, maxval, count),
        6: lambda body: _whole(body, maxval, count),
    }
    # One byte of white space stands between the header and raw values.
    try:
        values = readers[form](data[position + 1 :])
    except ValueError:
        fail("an image of this form has whole numbers after its header", name)
    if len(values) < count:
        fail(f"the header says {width}x{height}, which is {counted(count, 'value')}; the file has {len(values)}", name)
    if max(values) > maxval:
        fail(f"a value of {max(values)} is larger than the header's {maxval}", name)
    return Tensor((height, width, channels), list(values))


def _check_size(name: str, width: int, height: int) -> None:
    if not 0 < width * height <= MOST_PIXELS:
        fail(f"the image is {width}x{height}; it has from 1 to {MOST_PIXELS:,} pixels", name)


def _digits(body: bytes, count: int) -> list[int]:
    """Plain bits, which need no space between them."""
    text = _COMMENT.sub(b"", body).translate(None, whitespace.encode())[:count]
    if text.strip(b"01"):
        raise ValueError("neither 0 nor 1")
    return [byte - ord("0") for byte in text]


def _decimals(body: bytes, count: int) -> list[int]:
    """Plain numbers."""
    words = _COMMENT.sub(b"", body).split(None, count)[:count]
    if not all(word.isdigit() and len(word) < 9 for word in words):
        raise ValueError("not a number")
    return list(map(int, words))


def _bits(body: bytes, width: int, height: int) -> list[int]:
    """Eight to a byte, each row filled up to whole bytes."""
    row = -(-width // 8)
    return [
        byte >> (7 - place % 8) & 1
        for start in range(0, min(len(body) - row + 1, row * height), row)
        for place in range(width)
        for byte in (body[start + place // 8],)
    ]


def _whole(body: bytes, maxval: int, count: int) -> Sequence[int]:
    """A byte each, or two with the upper one first where a byte is not enough."""
    if maxval < 256:
        return body[:count]
    whole = min(len(body) // 2, count)
    return struct.unpack_from(f">{whole}H", body)


def _by_pillow(name: str, data: bytes) -> Tensor:
    """PNG and JPEG."""
    try:
        from PIL import Image  # noqa: PLC0415  the one place that needs it
    except ImportError:
        hint = "pip install 'cnncalc[image]'; PGM and PPM files need nothing"
        fail("PNG and JPEG images need Pillow, which is not installed", name, hint)
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            _check_size(name, *image.size)
            if data.startswith(_PNG) and data[_PNG_DEPTH] == 16 and data[_PNG_DEPTH + 1] != _PNG_GRAY:
                hint = "PPM keeps them all; for 8 bits save it anew"
                fail("of a PNG with colours or transparency and 16 bits a value, only 8 could be read", name, hint)
            if image.mode.startswith("I"):
                # 16 bits of grey stay as they are.
                values = list(memoryview(image.convert("I").tobytes()).cast("i"))
            else:
                values = list(image.convert("L" if image.mode in {"1", "L", "LA"} else "RGB").tobytes())
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        fail(f"this image cannot be read: {error}", name)
    return Tensor((image.height, image.width, len(values) // (image.height * image.width)), values)


# Maps as images.


def shades(values: Sequence[Any]) -> bytes:
    """Numbers as shades of grey: the smallest is black, the largest white; all black if they are equal.

    >>> list(shades([-1, 0, 1]))
    [0, 128, 255]
    """
    low, high = min(values), max(values)
    if low == high:
        return bytes(len(values))
    return bytes(int(255 * (value - low) / (high - low) + 0.5) for value in values)


def pgm(rows: Sequence[Sequence[Any]]) -> bytes:
    """A matrix as a raw PGM image."""
    return b"P5\n%d %d\n255\n" % (len(rows[0]), len(rows)) + shades([value for row in rows for value in row])


def png(rows: Sequence[Sequence[Any]]) -> bytes:
    """A matrix as a PNG image of 8 bits of grey (ISO/IEC 15948)."""
    width, height = len(rows[0]), len(rows)
    pixels = shades([value for row in rows for value in row])
    lines = b"".join(b"\0" + pixels[start : start + width] for start in range(0, len(pixels), width))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    return _PNG + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


WRITERS: Final[dict[str, Callable[[Sequence[Sequence[Any]]], bytes]]] = {"pgm": pgm, "png": png}
