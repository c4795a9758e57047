"""Numbers from words on the command line: written there, made up, or in a file that is named."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from cnncalc.forward import face, images, reading
from cnncalc.forward.face import Given
from cnncalc.forward.reading import fail
from cnncalc.forward.tensor import Tensor
from cnncalc.spec.source import Source, as_text, read_bytes


def read_x(text: str, *, channels_first: bool, exact: bool) -> Given:
    """The numbers that go in: from a file if there is one of that name, made up, or as they stand there."""
    if not is_file(text):
        return face.given(text, channels_first=channels_first, exact=exact)
    data = file_bytes(text)
    if images.is_image(data):
        return Given(images.read(text, data))
    return face.of_text(as_text(text, data), channels_first=channels_first, exact=exact, csv=is_csv(text))


def read_arrays(text: str, *, exact: bool) -> Mapping[str, Any]:
    """The arrays of layers as JSON, in a file or as they stand there."""
    source = Source("weights", text) if reading.is_json(text) else as_text(text, file_bytes(text))
    found = reading.parse_json(source, exact=exact)
    if not isinstance(found, Mapping):
        fail('weights are an object with the arrays of each layer, {"conv1": ...}', source.name)
    return found


def read_array(text: str, *, exact: bool) -> str | Tensor:
    """One array: the text itself, that of a file with nested lists, or the matrices of another file."""
    if not is_file(text):
        return text
    data = file_bytes(text)
    if images.is_image(data):
        return reading.to_channels_first(images.read(text, data))
    source = as_text(text, data)
    return source.text if reading.is_json(source.text) else reading.planes(source, exact=exact, csv=is_csv(text))


def is_csv(name: str) -> bool:
    """Whether semicolons may stand between values there."""
    return name.lower().endswith(".csv")


def is_file(text: str) -> bool:
    """Whether a text names a file that is there, or looks as if it should."""
    looks = re.fullmatch(r"[^;|\n\0]*\.(json|csv|tsv|txt|png|jpe?g|p[bgp]m)", text, re.IGNORECASE)
    # pathlib raises an error for a name that is too long.
    return bool(looks) or os.path.isfile(text)  # noqa: PTH113


def file_bytes(name: str) -> bytes:
    """What stands in a file. Raises `SpecError` if it cannot be read, or is too large."""
    data = read_bytes(name, reading.LARGEST_FILE)
    if len(data) > reading.LARGEST_FILE:
        fail(f"this file is larger than {reading.LARGEST_FILE // 2**20} MiB", name)
    return data
